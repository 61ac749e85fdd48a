//! Programs from npm, their versions fixed by lock files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Error, Result, debian, files, run, step};

/// Installs what the lock file of this folder says, unless just that is there already.
pub fn install(folder: &Path, what: &str, flags: &[&str]) -> Result<()> {
    let lock = files::read(&folder.join("package-lock.json"))?;
    // Goes with the packages.
    let mark = folder.join("node_modules/.installed.json");
    if fs::read_to_string(&mark).is_ok_and(|last| last == lock) {
        return Ok(());
    }
    let npm = npm()?;
    step(&format!("installing {what} from npm"));
    let mut command = Command::new(npm);
    command.current_dir(folder).arg("ci").args(flags);
    run(command.args(["--no-audit", "--no-fund", "--loglevel=error"]))?;
    files::write(&mark, lock)
}

/// Playwright, Lighthouse, what checks scripts, and what else the journeys need: among it are Stripe's own client and declarations.
pub fn install_journeys(root: &Path) -> Result<()> {
    install(&root.join("playwright"), "Playwright and Lighthouse", &[])
}

/// npm, installed if need be.
fn npm() -> Result<PathBuf> {
    if debian::program(&["npm"]).is_none() {
        debian::install(&["nodejs", "npm"], "npm (Node.js)")?;
    }
    debian::program(&["npm"]).ok_or_else(|| Error("npm (Node.js) is missing".to_owned()))
}
