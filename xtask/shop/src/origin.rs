//! The files and settings that a part was started from, and whether they have changed.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use machine::{Error, Result};

use crate::topology::Part;

/// The setting whose folder a part reads once, at its start.
const ASSETS: &str = "STOA_ASSETS";

/// What a part was started from: its executable, static files and settings.
#[derive(Clone, Debug)]
pub struct Origin {
    binary: PathBuf,
    stamp: Stamp,
    assets: Option<u64>,
    part: Part,
}

/// Identifies a version of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Origin {
    /// Reads what is on the disk now.
    pub fn of(part: &Part, binary: &Path) -> Result<Self> {
        let file = fs::metadata(binary).map_err(|error| Error::at(binary, error))?;
        let assets = part.env.get(ASSETS).map(|folder| hash(Path::new(folder))).transpose()?;
        Ok(Self {
            binary: binary.to_owned(),
            stamp: Stamp {
                device: file.dev(),
                inode: file.ino(),
                length: file.len(),
                seconds: file.mtime(),
                nanoseconds: file.mtime_nsec(),
            },
            assets,
            part: part.clone(),
        })
    }

    /// The reasons to replace a process of this origin by one of `wanted`; empty if both are the same.
    pub fn lacks(&self, wanted: &Self, pid: u32) -> Vec<&'static str> {
        let mut words = Vec::new();
        // Linux keeps the running program readable after its file was replaced.
        if self.stamp != wanted.stamp && !is_same(&PathBuf::from(format!("/proc/{pid}/exe")), &wanted.binary) {
            words.push("program");
        }
        if self.assets != wanted.assets {
            words.push("static files");
        }
        if self.part != wanted.part {
            words.push("settings");
        }
        words
    }
}

/// Names and contents of all files in the folder and below.
fn hash(folder: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    add(folder, &mut hasher).map_err(|error| Error::at(folder, error))?;
    Ok(hasher.finish())
}

fn add(folder: &Path, hasher: &mut DefaultHasher) -> std::io::Result<()> {
    let mut entries = folder.read_dir()?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        entry.file_name().hash(hasher);
        if entry.file_type()?.is_dir() {
            add(&entry.path(), hasher)?;
        } else {
            fs::read(entry.path())?.hash(hasher);
        }
    }
    Ok(())
}

fn is_same(one: &Path, other: &Path) -> bool {
    let (Ok(one), Ok(other)) = (File::open(one), File::open(other)) else {
        return false;
    };
    let length = |file: &File| file.metadata().map(|file| file.len()).ok();
    length(&one) == length(&other) && is_same_content(one, other).unwrap_or(false)
}

fn is_same_content(one: impl Read, other: impl Read) -> std::io::Result<bool> {
    const BLOCK: usize = 1 << 18;
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    let (mut left, mut right) = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
    loop {
        left.clear();
        right.clear();
        one.by_ref().take(BLOCK as u64).read_to_end(&mut left)?;
        other.by_ref().take(BLOCK as u64).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use machine::files;

    fn part(assets: &Path) -> Part {
        let text = format!(
            "name = 'shell'\nlisten = '127.0.0.1:4000'\nenv = {{ {ASSETS} = '{}' }}",
            assets.display()
        );
        toml::from_str(&text).unwrap()
    }

    /// A folder with a program and static files; the process is this test, so the program is it, too.
    fn setting() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (binary, assets) = (folder.path().join("shell"), folder.path().join("assets"));
        fs::copy("/proc/self/exe", &binary).unwrap();
        files::empty(&assets.join("icons")).unwrap();
        files::write(&assets.join("icons/a.svg"), "<svg/>").unwrap();
        (folder, binary, assets)
    }

    #[test]
    fn nothing_is_lacking_where_nothing_changed() {
        let (_folder, binary, assets) = setting();
        let one = Origin::of(&part(&assets), &binary).unwrap();
        // Built again with the same result: another file with the same bytes.
        fs::remove_file(&binary).unwrap();
        fs::copy("/proc/self/exe", &binary).unwrap();
        files::write(&assets.join("icons/a.svg"), "<svg/>").unwrap();
        let other = Origin::of(&part(&assets), &binary).unwrap();
        assert_ne!(one.stamp, other.stamp);
        assert!(one.lacks(&other, std::process::id()).is_empty());
    }

    #[test]
    fn each_change_is_named() {
        let (folder, binary, assets) = setting();
        let one = Origin::of(&part(&assets), &binary).unwrap();
        files::write(&assets.join("icons/a.svg"), "<svg id=''/>").unwrap();
        let other = Origin::of(&part(&assets), &binary).unwrap();
        assert_eq!(one.lacks(&other, std::process::id()), ["static files"]);

        files::write(&binary, "another").unwrap();
        let mut moved = part(&assets);
        moved.env.insert("STOA_LOG".to_owned(), "debug".to_owned());
        let other = Origin::of(&moved, &binary).unwrap();
        assert_eq!(
            one.lacks(&other, std::process::id()),
            ["program", "static files", "settings"]
        );

        fs::rename(assets.join("icons/a.svg"), assets.join("icons/b.svg")).unwrap();
        let renamed = Origin::of(&moved, &binary).unwrap();
        assert_eq!(other.lacks(&renamed, 0), ["static files"]);
        drop(folder);
    }

    #[test]
    fn long_files_are_compared_to_their_ends() {
        let long = vec![7; 600_000];
        let mut other = long.clone();
        assert!(is_same_content(long.as_slice(), other.as_slice()).unwrap());
        other[599_999] = 8;
        assert!(!is_same_content(long.as_slice(), other.as_slice()).unwrap());
        assert!(!is_same_content(long.as_slice(), &long[1..]).unwrap());
    }
}
