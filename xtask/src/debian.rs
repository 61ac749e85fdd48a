//! What is missing on a machine: installed where that is possible, named where not.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result, fail};
use crate::workspace::{ask, run, step};

/// Installs Debian packages; where that is not possible, fails with the command for whoever may.
pub fn install(packages: &[&str], purpose: &str) -> Result<()> {
    let list = packages.join(" ");
    if !Path::new("/etc/debian_version").exists() {
        return fail(format!(
            "{purpose} is missing. Install it by hand (on Debian: apt-get install {list})"
        ));
    }
    if !rustix::process::geteuid().is_root() {
        return fail(format!("{purpose} is missing. Run: sudo apt-get install {list}"));
    }
    step(&format!("installing {purpose}: apt-get install {list}"));
    // A fresh image has no package lists.
    run(apt().args(["update", "-qq"]))?;
    run(apt()
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages))
    .map_err(|error| {
        Error(format!(
            "{purpose} is missing and {error}. Run: sudo apt-get install {list}"
        ))
    })
}

/// Whether all of these packages are installed.
pub fn has(packages: &[&str]) -> bool {
    let format = "-f=${db:Status-Status}\n";
    let states = ask(Command::new("dpkg-query").args(["-W", format]).args(packages));
    states.is_some_and(|states| states.lines().filter(|state| *state == "installed").count() == packages.len())
}

/// The first of these programs that is on the search path.
pub fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    })
}

/// npm, installed if need be.
pub fn npm() -> Result<PathBuf> {
    if program(&["npm"]).is_none() {
        install(&["nodejs", "npm"], "npm (Node.js)")?;
    }
    program(&["npm"]).ok_or_else(|| Error("npm (Node.js) is missing".to_owned()))
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
