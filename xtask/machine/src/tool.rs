//! Programs of this workspace that are no part of the shop: built when they are needed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Checkout, Result, cargo, run, step};

/// What has features that nothing shipped has, so that it is never built beside it.
const APART: [&str; 1] = ["testkit"];

/// A tool that stands beside this one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tool {
    /// Its package and its program.
    pub name: &'static str,
    /// What is said while it is built for the first time.
    pub first: &'static str,
}

/// Makes islands and static files.
pub const ASSETS: Tool = Tool {
    name: "assets",
    first: "what makes islands and static files, about a minute this first time",
};
/// Opens and renews the shop.
pub const SHOP: Tool = Tool {
    name: "shop",
    first: "what opens the shop, about two minutes this first time; the servers share most of it",
};
/// Tries a shop of its own.
pub const TRIALS: Tool = Tool {
    name: "trials",
    first: "what tries the shop, about two minutes this first time; the servers share most of it",
};

impl Tool {
    /// Builds it; gives its program.
    pub fn build(self, checkout: &Checkout) -> Result<PathBuf> {
        let program = checkout.target.join("debug").join(self.name);
        if !program.exists() {
            step(&format!("building {}", self.first));
        }
        run(&mut build(&checkout.root, self.name))?;
        Ok(program)
    }
}

/// Cargo, about to build a program as it is beside the servers: with their features, so that what they share is built once.
#[must_use]
pub fn build(root: &Path, name: &str) -> Command {
    let mut command = cargo();
    command.current_dir(root).args(["build", "--locked", "--workspace"]);
    command.args(APART.iter().flat_map(|name| ["--exclude", name]));
    command.args(["--bin", name]);
    command
}
