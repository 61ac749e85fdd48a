//! The repository's texts by their paths: all that a check sees. A test may make a small one of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::source::Source;

/// Files whose texts the checks read; of all others they see the paths.
const READ: [&str; 15] = [
    "rs", "toml", "json", "md", "css", "js", "mjs", "ts", "sql", "svg", "yml", "sh", "py", "txt", "html",
];
/// Folders of others, and of what is built.
const SKIPPED: [&str; 5] = ["target", "node_modules", ".git", "test-results", "playwright-report"];

/// Texts by their paths from the root.
#[derive(Default)]
pub struct Tree(BTreeMap<String, String>);

impl Tree {
    /// The repository, as it is where the test runs.
    pub fn of_repository() -> Self {
        let mut tree = Self::default();
        let root = root();
        tree.read(&root, &root);
        tree
    }

    /// These texts alone.
    pub fn of(texts: &[(&str, &str)]) -> Self {
        let texts = texts
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Self(texts.collect())
    }

    fn read(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let is_read = path
                .extension()
                .is_some_and(|ending| READ.iter().any(|read| ending == *read));
            if path.is_dir() && !SKIPPED.iter().any(|skipped| name == *skipped) {
                self.read(root, &path);
            } else if path.is_file() {
                let text = is_read.then(|| fs::read_to_string(&path).ok()).flatten();
                let path = path.strip_prefix(root).expect("inside");
                self.0
                    .insert(path.to_string_lossy().into_owned(), text.unwrap_or_default());
            }
        }
    }

    /// The text at a path.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Whether there is such a file, or one below such a folder.
    pub fn has(&self, path: &str) -> bool {
        self.0.contains_key(path) || self.paths().any(|other| is_below(other, path))
    }

    /// All paths.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Files below a folder with this ending: path and text.
    pub fn files<'a>(&'a self, folder: &'a str, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let files = self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        files.filter(move |(path, _)| path.ends_with(ending) && (folder.is_empty() || is_below(path, folder)))
    }

    /// Rust files below a folder that have a word anywhere: quicker than to read all.
    pub fn sources_with<'a>(&'a self, folder: &'a str, word: &'a str) -> impl Iterator<Item = (&'a str, Source)> {
        let files = self.files(folder, ".rs").filter(move |(_, text)| text.contains(word));
        files.map(|(path, text)| (path, Source::parse(path, text)))
    }

    /// Rust files below a folder.
    pub fn sources<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, Source)> {
        let files = self.files(folder, ".rs");
        files.map(|(path, text)| (path, Source::parse(path, text)))
    }
}

/// Where the test runs, not where it was built: copies of the repository may share a target folder.
pub fn root() -> PathBuf {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this");
    let folder = Path::new(&folder);
    folder.parent().expect("xtask stands in the root").to_owned()
}

/// Whether a path leads into a folder.
pub fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
