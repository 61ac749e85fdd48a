//! The checkout, its packages and cargo's target folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use machine::{Checkout, Error, Result, cargo};
use serde::{Deserialize, Serialize};

/// A checkout, as cargo describes it.
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

/// How the servers are built.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub enum Profile {
    /// Without optimisation: quick to build.
    Dev,
    /// With optimisation: quick to run.
    Release,
}

impl Profile {
    /// The profile for the flag `--release`.
    #[must_use]
    pub fn new(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    /// The executable of a package that was built into this target folder.
    #[must_use]
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
    /// Finds it by asking cargo.
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
    #[must_use]
    pub fn packages(&self) -> BTreeSet<&str> {
        self.packages.iter().map(|package| package.name.as_str()).collect()
    }

    /// The ids of all shipped packages: services, BFFs and frontends, without tools and tests.
    #[must_use]
    pub fn shipped(&self) -> Vec<&str> {
        self.shipped_packages().map(|package| package.id.as_str()).collect()
    }

    /// Whether a package is shipped.
    #[must_use]
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

    /// The executable of a package.
    #[must_use]
    pub fn binary(&self, package: &str, profile: Profile) -> PathBuf {
        profile.binary(&self.target, package)
    }

    /// Its folders.
    #[must_use]
    pub fn checkout(&self) -> Checkout {
        Checkout {
            root: self.root.clone(),
            target: self.target.clone(),
        }
    }
}
