//! Running commands.

use std::path::Path;
use std::process::Command;

use crate::{Error, Result, fail, interrupt};

/// Variables that `cargo run` sets for a program. Build scripts depend on them: with and without them, cargo would build the
/// same crate twice.
const OWN_PACKAGE: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];

/// The cargo that runs this tool, without the variables that describe the tool.
#[must_use]
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if OWN_PACKAGE.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command and shows its output. A signal that stops this tool also ends the command and its children.
pub fn run(command: &mut Command) -> Result<()> {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let failed = |error: std::io::Error| Error(format!("{name} cannot be run: {error}"));
    let status = interrupt::status(command).map_err(failed)?;
    match status {
        None => fail("stopped"),
        Some(status) if status.success() => Ok(()),
        Some(status) => fail(format!("{name} failed ({status})")),
    }
}

/// The output of a command, if it succeeds.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Prints a step of the work.
pub fn step(words: &str) {
    eprintln!("==> {words}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_told_nothing_of_the_package_that_runs_it() {
        // Tests are run by cargo, too.
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some() && std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        let command = cargo();
        let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).collect();
        for name in ["CARGO_PKG_NAME", "CARGO_PKG_VERSION_MAJOR", "CARGO_MANIFEST_DIR"] {
            assert!(removed.iter().any(|(removed, _)| *removed == name), "{name}");
        }
        assert!(!removed.iter().any(|(removed, _)| *removed == "CARGO_TARGET_DIR"));
    }
}
