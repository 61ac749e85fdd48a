//! Stops a part by SIGTERM under load: it has to end in time, with exit code 0 and no warning in its log.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;
use shop::Shop;
use tokio::time::{Instant, sleep};

use super::books::Violation;
use super::trouble::send;

/// The time for requests in progress (`STOA_DRAIN_SECONDS`), and a little more.
const GRACE: Duration = Duration::from_secs(14);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Log lines in the message.
const TOLD: usize = 3;

/// Stops a part. Returns what went wrong.
pub async fn make(shop: &mut Shop, name: &str) -> Vec<Violation> {
    let log = shop.state().join("logs").join(format!("{name}.log"));
    let before = std::fs::metadata(&log).map_or(0, |log| log.len());
    let begun = Instant::now();
    send(&shop.pids(), name, Signal::TERM);
    let mut ended = None;
    while ended.is_none() && begun.elapsed() < GRACE {
        sleep(LOOK_AGAIN).await;
        ended = shop.ended(name);
    }
    if ended.is_none() {
        send(&shop.pids(), name, Signal::KILL);
    }
    let mut complaints: Vec<_> = complaint(ended).into_iter().collect();
    complaints.extend(
        read(&log, before)
            .lines()
            .filter(|line| is_trouble(line))
            .take(TOLD)
            .map(str::to_owned),
    );
    let violation = |what: String| Violation {
        what: format!("{name} was told to stop: {what}"),
        order: None,
    };
    complaints.into_iter().map(violation).collect()
}

fn complaint(ended: Option<ExitStatus>) -> Option<String> {
    match ended {
        None => Some(format!("it has not ended within {} s", GRACE.as_secs())),
        Some(status) if !status.success() => Some(format!("it has ended with {status}")),
        Some(_) => None,
    }
}

/// The text of a log from this byte on.
fn read(log: &PathBuf, from: u64) -> String {
    let whole = std::fs::read(log).unwrap_or_default();
    let from = usize::try_from(from).unwrap_or_default().min(whole.len());
    String::from_utf8_lossy(&whole[from..]).into_owned()
}

fn is_trouble(line: &str) -> bool {
    line.contains(" ERROR ") || line.contains("panicked")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn part_that_does_not_end_well_is_complained_of() {
        assert_eq!(complaint(Some(ExitStatus::from_raw(0))), None);
        for ended in [None, Some(ExitStatus::from_raw(9)), Some(ExitStatus::from_raw(1 << 8))] {
            assert!(complaint(ended).is_some(), "{ended:?}");
        }
    }

    #[test]
    fn errors_and_panics_are_trouble() {
        let line = |level: &str, what: &str| format!("2026-03-01T08:30:00.000000Z {level:>5} {what}");
        assert!(is_trouble(&line("ERROR", "background work failed name=\"worker\"")));
        assert!(is_trouble("thread 'main' panicked at src/main.rs"));
        assert!(!is_trouble(&line("WARN", "stopped with unfinished work")));
    }
}
