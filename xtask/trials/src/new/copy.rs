//! A copy of the checkout with a target folder of its own, because builds of two checkouts in one target folder mix.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use machine::{Error, Result, ask, cargo, fail, files, run, step};
use serde_json::Value;
use shop::Workspace;

/// The files of a crate that other crates are built with.
const ARTEFACTS: [&str; 4] = ["rlib", "rmeta", "so", "dylib"];

/// The copy, deleted when dropped.
pub struct Copy {
    folder: PathBuf,
    /// The folder of the root manifest.
    pub root: PathBuf,
    target: PathBuf,
}

impl Copy {
    /// Copies all files of the working tree but ignored ones, and the builds of crates from the registry.
    pub fn make(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target.join("new");
        let copy = Self {
            root: folder.join("checkout"),
            target: folder.join("target"),
            folder,
        };
        files::empty(&copy.folder)?;
        let list = copy.folder.join("files");
        let mut git = Command::new("git");
        git.current_dir(&workspace.root);
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        // From this command on, a signal ends the stage in order.
        run(git.stdout(File::create(&list).map_err(|error| Error::at(&list, error))?))?;
        let listed = files::read(&list)?;
        let listed = listed.split('\0').filter(|path| !path.is_empty());
        // Deleted files are listed until the deletion is committed.
        let paths: Vec<_> = listed.filter(|path| workspace.root.join(path).is_file()).collect();
        step(&format!("copying {} files of the checkout", paths.len()));
        for path in paths {
            duplicate(&workspace.root.join(path), &copy.root.join(path), copy_file)?;
        }
        copy.seed(workspace)?;
        Ok(copy)
    }

    /// Takes over the builds of crates from the registry, which are the same for every checkout. Files that cargo replaces are
    /// linked; files that cargo or a build script may overwrite are copied.
    fn seed(&self, workspace: &Workspace) -> Result<()> {
        let own = own_names(workspace)?;
        let is_own = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = name.rsplit_once('-').map_or(&*name, |(name, _)| name);
            let name = name.strip_prefix("lib").unwrap_or(name).replace('-', "_");
            own.contains(&name)
        };
        let (from, to) = (workspace.target.join("debug"), self.target.join("debug"));
        for entry in entries(&from.join("deps")) {
            let is_artefact = entry
                .extension()
                .is_some_and(|ending| ARTEFACTS.iter().any(|known| ending == *known));
            if is_artefact && !is_own(&entry) {
                let name = entry.file_name().unwrap_or_default();
                duplicate(&entry, &to.join("deps").join(name), link_file)?;
            }
        }
        for folder in [".fingerprint", "build"] {
            for entry in entries(&from.join(folder)).into_iter().filter(|entry| !is_own(entry)) {
                let name = entry.file_name().unwrap_or_default();
                duplicate(&entry, &to.join(folder).join(name), copy_file)?;
            }
        }
        duplicate(&workspace.target.join("tools"), &self.target.join("tools"), link_file)
    }

    /// A cargo command in the copy.
    pub fn cargo(&self) -> Command {
        self.place(cargo())
    }

    /// Runs a command in the copy.
    pub fn place(&self, mut command: Command) -> Command {
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        // Everything is built only once.
        command.env("CARGO_INCREMENTAL", "0");
        command
    }

    /// The content of all files.
    pub fn content(&self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut content = BTreeMap::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in entries(&folder) {
                if entry.is_dir() {
                    folders.push(entry);
                } else {
                    let bytes = fs::read(&entry).map_err(|error| Error::at(&entry, error))?;
                    content.insert(entry, bytes);
                }
            }
        }
        Ok(content)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("xtask: cannot delete {}", Error::at(&self.folder, error));
        }
    }
}

/// The names of the workspace's packages and targets, as they are in file names.
fn own_names(workspace: &Workspace) -> Result<Vec<String>> {
    let mut metadata = cargo();
    metadata.current_dir(&workspace.root);
    metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
    let Some(metadata) = ask(&mut metadata) else {
        return fail("cargo metadata failed");
    };
    let metadata: Value = serde_json::from_str(&metadata).map_err(Error::of)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let things = packages.flat_map(|package| package["targets"].as_array().into_iter().flatten().chain([package]));
    let names = things.filter_map(|thing| thing["name"].as_str());
    Ok(names.map(|name| name.replace('-', "_")).collect())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Copies a file with its time of change, by which cargo decides what has to be built again.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    let modified = fs::metadata(from)?.modified()?;
    File::options().append(true).open(to)?.set_modified(modified)
}

/// Links a file, or copies it where it cannot be linked.
fn link_file(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        // Copied over a link, a file would be copied onto itself.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => copy_file(from, to),
        outcome => outcome,
    }
}

/// Copies or links a file or a folder, if it exists.
fn duplicate(from: &Path, to: &Path, make: fn(&Path, &Path) -> io::Result<()>) -> Result<()> {
    let failed = |error| Error::at(from, error);
    let Ok(metadata) = fs::symlink_metadata(from) else {
        return Ok(());
    };
    if metadata.is_dir() {
        fs::create_dir_all(to).map_err(failed)?;
        for entry in entries(from) {
            duplicate(&entry, &to.join(entry.file_name().unwrap_or_default()), make)?;
        }
        return Ok(());
    }
    let parent = to.parent().unwrap_or(to);
    fs::create_dir_all(parent).map_err(failed)?;
    if metadata.is_symlink() {
        let target = fs::read_link(from).map_err(failed)?;
        return symlink(target, to).map_err(failed);
    }
    make(from, to).map_err(failed)
}
