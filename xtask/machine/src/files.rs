//! Files and folders, with errors that name them.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use crate::{Error, Result};

/// Makes an empty folder, and deletes what was there.
pub fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Error::at(folder, error))?;
    }
    fs::create_dir_all(folder).map_err(|error| Error::at(folder, error))
}

/// The text of a file.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Error::at(path, error))
}

/// Writes a file.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    fs::write(path, content).map_err(|error| Error::at(path, error))
}

/// Locks a file until the returned value is dropped, and waits for other processes that have locked it. So two tests or
/// commands do not install into the same folder at once.
pub fn lock(path: &Path) -> Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    let locked = file.and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| Error::at(path, error))
}

/// Copies a folder with all below it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(|error| Error::at(to, error))?;
    for entry in from.read_dir().map_err(|error| Error::at(from, error))? {
        let path = entry.map_err(|error| Error::at(from, error))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(|error| Error::at(&path, error))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::TryLockError;

    use super::*;

    #[test]
    fn a_lock_is_held_by_one_at_a_time() {
        let folder = std::env::temp_dir().join(format!("stoa-lock-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("install.lock");
        let first = lock(&path).unwrap();
        let second = File::open(&path).unwrap();
        assert!(matches!(second.try_lock(), Err(TryLockError::WouldBlock)));
        drop(first);
        assert!(second.try_lock().is_ok());
        fs::remove_dir_all(&folder).unwrap();
    }
}
