//! Programs from npm, their versions fixed by lock files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Error, Result, ask, debian, fail, files, run, step};

/// Packages to install.
pub struct Packages<'a> {
    /// Their names for people.
    pub what: &'a str,
    /// Folder of `package.json` and `package-lock.json`.
    pub source: &'a Path,
    /// Folder that gets `node_modules`.
    pub folder: &'a Path,
    /// Further flags for npm.
    pub flags: &'a [&'a str],
    /// Programs that have to run afterwards.
    pub programs: &'a [&'a str],
}

impl Packages<'_> {
    /// Installs the versions of the lock file, unless they are installed. One process at a time.
    pub fn install(&self) -> Result<()> {
        fs::create_dir_all(self.folder).map_err(|error| Error::at(self.folder, error))?;
        let _alone = files::lock(&self.folder.join(".install.lock"))?;
        let lock = files::read(&self.source.join("package-lock.json"))?;
        // Removed together with the packages.
        let mark = self.folder.join("node_modules/.installed.json");
        if fs::read_to_string(&mark).is_ok_and(|last| last == lock) {
            return Ok(());
        }
        let npm = npm()?;
        step(&format!("installing {} from npm", self.what));
        if self.folder != self.source {
            for name in ["package.json", "package-lock.json"] {
                files::write(&self.folder.join(name), files::read(&self.source.join(name))?)?;
            }
        }
        let mut command = Command::new(npm);
        command.current_dir(self.folder).arg("ci").args(self.flags);
        run(command.args(["--no-audit", "--no-fund", "--loglevel=error"]))?;
        self.check()?;
        files::write(&mark, lock)
    }

    /// npm does not report an optional package that it could not fetch, even if that is the program for this processor.
    fn check(&self) -> Result<()> {
        for name in self.programs {
            let program = self.folder.join("node_modules/.bin").join(name);
            if ask(Command::new(&program).arg("--version")).is_none() {
                return fail(format!(
                    "npm has installed {name} without a part of it that this machine needs. Is the network there? Try again; \
                     what it says: {} --version",
                    program.display()
                ));
            }
        }
        Ok(())
    }
}

/// Installs the packages of `playwright/`: Playwright, Lighthouse, the checks of scripts, and Stripe's client and declarations.
pub fn install_journeys(root: &Path) -> Result<()> {
    let folder = root.join("playwright");
    let packages = Packages {
        what: "Playwright and Lighthouse",
        source: &folder,
        folder: &folder,
        flags: &[],
        programs: &["playwright", "lighthouse", "tsc", "eslint"],
    };
    packages.install()
}

/// The path of npm, which is installed if it is missing.
fn npm() -> Result<PathBuf> {
    if debian::program(&["npm"]).is_none() {
        debian::install(&["nodejs", "npm"], "npm (Node.js)")?;
    }
    debian::program(&["npm"]).ok_or_else(|| Error("npm (Node.js) is missing".to_owned()))
}
