//! Changes to the checkout, all or none.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use machine::{Error, Result, fail, files};

/// The changes so far. When dropped, they are undone, unless `keep` was called.
#[derive(Debug)]
pub struct Changes {
    root: PathBuf,
    /// The changed files with their previous content.
    files: Vec<(String, Vec<u8>)>,
    /// The new folder.
    folder: Option<PathBuf>,
    is_kept: bool,
}

impl Changes {
    /// No changes yet.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            files: Vec::new(),
            folder: None,
            is_kept: false,
        }
    }

    /// Creates the folder that files are then written to.
    pub fn create(&mut self, folder: &str) -> Result<()> {
        let path = self.root.join(folder);
        fs::create_dir(&path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Error(format!("{folder} already exists")),
            _ => Error::at(&path, error),
        })?;
        self.folder = Some(path);
        Ok(())
    }

    /// Writes a file to the new folder.
    pub fn write(&self, path: &str, text: &str) -> Result<()> {
        let Some(folder) = &self.folder else {
            return fail(format!("{path} has no folder"));
        };
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| Error::at(parent, error))?;
        files::write(&path, text)
    }

    /// Records the content of a file that another program will change.
    pub fn remember(&mut self, path: &str) -> Result<()> {
        let at = self.root.join(path);
        let content = fs::read(&at).map_err(|error| Error::at(&at, error))?;
        self.files.push((path.to_owned(), content));
        Ok(())
    }

    /// Changes a file's text.
    pub fn edit(&mut self, path: &str, edit: impl FnOnce(&str) -> Result<String>) -> Result<()> {
        let at = self.root.join(path);
        let text = edit(&files::read(&at)?).map_err(|error| Error(format!("{path}: {error}")))?;
        self.remember(path)?;
        files::write(&at, text)
    }

    /// Makes the changes final. Returns the paths of the changed files.
    pub fn keep(mut self) -> Vec<String> {
        self.is_kept = true;
        self.files.iter().map(|(path, _)| path.clone()).collect()
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // Newest first: a file may have been changed twice.
        for (path, content) in self.files.iter().rev() {
            if let Err(error) = files::write(&self.root.join(path), content) {
                eprintln!("xtask: cannot undo a change: {error}");
            }
        }
        if let Some(folder) = &self.folder
            && let Err(error) = fs::remove_dir_all(folder)
        {
            eprintln!("xtask: cannot delete {}", Error::at(folder, error));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(root: &Path) -> Changes {
        let mut changes = Changes::new(root);
        changes.create("part").unwrap();
        changes.write("src/lib.rs", "new").unwrap();
        for _ in 0..2 {
            changes.edit("table", |text| Ok(format!("{text} new"))).unwrap();
        }
        changes
    }

    #[test]
    fn changes_are_kept_or_put_back_as_a_whole() {
        let root = tempfile::tempdir().unwrap();
        let table = root.path().join("table");
        fs::write(&table, "old").unwrap();
        drop(change(root.path()));
        assert_eq!(fs::read_to_string(&table).unwrap(), "old");
        assert!(!root.path().join("part").exists());

        change(root.path()).keep();
        assert_eq!(fs::read_to_string(&table).unwrap(), "old new new");
        assert!(root.path().join("part/src/lib.rs").exists());
    }

    #[test]
    fn folder_that_exists_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("part")).unwrap();
        let mut changes = Changes::new(root.path());
        let refusal = changes.create("part").unwrap_err().to_string();
        drop(changes);
        assert_eq!(refusal, "part already exists");
        assert!(root.path().join("part").exists());
    }

    #[test]
    fn failed_edit_names_the_file_and_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("table"), "old").unwrap();
        let mut changes = Changes::new(root.path());
        let refusal = changes.edit("table", |_| fail("no such row")).unwrap_err();
        assert_eq!(refusal.to_string(), "table: no such row");
        assert_eq!(fs::read_to_string(root.path().join("table")).unwrap(), "old");
    }
}
