//! Processor time and memory of processes ([proc(5)](https://man7.org/linux/man-pages/man5/proc.5.html)).

use std::ops::Add;
use std::path::{Path, PathBuf};
use std::time::Duration;

use machine::{Error, Result, files};

/// Memory of a process, in KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// RSS: with memory that it shares with others, such as the C library.
    pub rss: u64,
    /// PSS: shared memory is divided among the processes that share it.
    pub pss: u64,
    /// USS: without shared memory.
    pub private: u64,
}

impl Add for Memory {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            rss: self.rss + other.rss,
            pss: self.pss + other.pss,
            private: self.private + other.private,
        }
    }
}

/// Processor time that a process and the children it waited for have used.
pub fn processor_time(pid: u32) -> Result<Duration> {
    let file = file(pid, "stat");
    let ticks = ticks(&files::read(&file)?).ok_or_else(|| Error::at(&file, "not understood"))?;
    let a_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_secs(ticks) / u32::try_from(a_second).unwrap_or(100))
}

/// The same for a process and all its descendants: PostgreSQL has a process for each connection.
pub fn family_time(pid: u32) -> Result<Duration> {
    let parents = parents()?;
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(&parent) = family.get(next) {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child));
        next += 1;
    }
    let own = processor_time(pid)?;
    // A process that has ended is counted with its parent.
    let others = family[1..].iter().filter_map(|pid| processor_time(*pid).ok());
    Ok(own + others.sum::<Duration>())
}

/// Every process of this machine, and its parent.
fn parents() -> Result<Vec<(u32, u32)>> {
    let folder = Path::new("/proc");
    let entries = folder.read_dir().map_err(|error| Error::at(folder, error))?;
    let pids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let parent = |pid| Some((pid, parent_in(&files::read(&file(pid, "stat")).ok()?)?));
    Ok(pids.filter_map(parent).collect())
}

/// Memory that a process uses now.
pub fn memory(pid: u32) -> Result<Memory> {
    let file = file(pid, "smaps_rollup");
    memory_in(&files::read(&file)?).ok_or_else(|| Error::at(&file, "not understood"))
}

fn file(pid: u32, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{name}"))
}

/// utime, stime, cutime and cstime: fields 14 to 17. The second, a name in parentheses, may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<_> = after_name.split_whitespace().collect();
    fields.get(11..15)?.iter().map(|field| field.parse::<u64>().ok()).sum()
}

/// ppid: the second field after the name.
fn parent_in(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn memory_in(rollup: &str) -> Option<Memory> {
    let field = |name: &str| -> Option<u64> {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    Some(Memory {
        rss: field("Rss:")?,
        pss: field("Pss:")?,
        private: field("Private_Clean:")? + field("Private_Dirty:")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_a_process_with_a_nasty_name() {
        let stat =
            "42 (a) b (c) S 1 42 42 0 -1 4194560 1500 0 3 0 250 30 7 5 20 0 3 0 999 1000 200 18446744073709551615";
        assert_eq!(ticks(stat), Some(292));
        assert_eq!(ticks("42 (a) S 1"), None);
        assert_eq!(ticks(""), None);
    }

    #[test]
    fn a_family_is_a_process_and_what_it_started() {
        let mut child = std::process::Command::new("sh")
            .args(["-c", "read line"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let me = std::process::id();
        assert!(parents().unwrap().contains(&(child.id(), me)));
        // Read first, because time passes between the two.
        let own = processor_time(me).unwrap();
        assert!(family_time(me).unwrap() >= own);
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(!parents().unwrap().contains(&(child.id(), me)));
    }

    #[test]
    fn memory_of_a_rollup() {
        let rollup = "55d0-7ffd ---p 00000000 00:00 0 [rollup]\nRss:            9000 kB\nPss:            7000 kB\n\
             Pss_Dirty:      6000 kB\nPrivate_Clean:   500 kB\nPrivate_Dirty:  6000 kB\n";
        let expected = Memory {
            rss: 9000,
            pss: 7000,
            private: 6500,
        };
        assert_eq!(memory_in(rollup), Some(expected));
        assert_eq!(memory_in("Rss: 1 kB"), None);
    }

    #[test]
    fn this_process_is_there() {
        let me = std::process::id();
        assert!(memory(me).unwrap().rss >= memory(me).unwrap().private);
        processor_time(me).unwrap();
        assert!(processor_time(0).is_err());
    }
}
