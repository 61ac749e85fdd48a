//! Where things are: the checkout, its packages and cargo's target folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, fail};
use crate::interrupt;

/// What cargo knows of this checkout.
#[derive(Debug, Deserialize)]
pub struct Workspace {
    /// Folder of the root manifest.
    #[serde(rename = "workspace_root")]
    pub root: PathBuf,
    /// Where cargo puts what it builds.
    #[serde(rename = "target_directory")]
    pub target: PathBuf,
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: PathBuf,
}

/// The rows of parts.
const SHIPPED: [&str; 3] = ["bffs", "frontends", "services"];

/// Which optimisation the servers are built with.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub enum Profile {
    /// Quick to build.
    Dev,
    /// Quick to run.
    Release,
}

impl Profile {
    /// As the flag `--release` says.
    pub fn new(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    /// The executable of a package that was built into this target folder.
    pub fn binary(self, target: &Path, package: &str) -> PathBuf {
        target.join(self.folder()).join(package)
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

impl Workspace {
    /// Asks cargo.
    pub fn find() -> Result<Self> {
        let output = cargo()
            .args(["metadata", "--no-deps", "--format-version=1"])
            .output()
            .map_err(|error| Error(format!("cargo cannot be run: {error}")))?;
        serde_json::from_slice(&output.stdout).map_err(|_| {
            Error(format!(
                "cargo metadata failed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            ))
        })
    }

    /// The names of all packages.
    pub fn packages(&self) -> BTreeSet<&str> {
        self.packages.iter().map(|package| package.name.as_str()).collect()
    }

    /// The ids of what is shipped: services, BFFs, frontends. What else is in the workspace is tools and tests.
    pub fn shipped(&self) -> Vec<&str> {
        self.shipped_packages().map(|package| package.id.as_str()).collect()
    }

    /// Whether a package is shipped.
    pub fn is_shipped(&self, name: &str) -> bool {
        self.shipped_packages().any(|package| package.name == name)
    }

    fn shipped_packages(&self) -> impl Iterator<Item = &Package> {
        let is_shipped = move |package: &&Package| {
            let folder = package
                .manifest_path
                .strip_prefix(&self.root)
                .unwrap_or(&package.manifest_path);
            let depth = folder.components().count();
            depth == 3 && SHIPPED.iter().any(|row| folder.starts_with(row))
        };
        self.packages.iter().filter(is_shipped)
    }

    /// The names of the frontends that have islands.
    pub fn islands(&self) -> Vec<&str> {
        self.packages
            .iter()
            .filter_map(|package| package.name.strip_suffix("-islands"))
            .collect()
    }

    /// The executable of a package.
    pub fn binary(&self, package: &str, profile: Profile) -> PathBuf {
        profile.binary(&self.target, package)
    }

    /// The finished static files of a frontend.
    pub fn assets(&self, frontend: &str) -> PathBuf {
        self.target.join("frontends").join(frontend)
    }
}

/// What `cargo run` tells a program of its own package. Build scripts look at these: with them, and without, cargo would
/// build the same crate twice.
const OWN_PACKAGE: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];

/// The cargo that runs xtask, with its environment but for what is said of xtask itself.
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

/// Runs a command to its end, its output shown. A signal that stops xtask ends it, and all that it has started.
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

/// What a command prints, if it succeeds.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Says what is being done now.
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
