//! Tools of this workspace, which are built when they are needed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Checkout, Result, cargo, run, step};

/// Packages with features that nothing shipped has, so that they are not built together.
const APART: [&str; 1] = ["testkit"];

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tool {
    /// Its package and program.
    pub name: &'static str,
    /// The message while it is built for the first time.
    pub first: &'static str,
}

/// Makes islands and static files.
pub const ASSETS: Tool = Tool {
    name: "assets",
    first: "what makes islands and static files, about a minute this first time",
};
/// Writes new parts into the checkout.
pub const NEW: Tool = Tool {
    name: "new",
    first: "what writes new parts, half a minute this first time",
};
/// Opens and renews the shop.
pub const SHOP: Tool = Tool {
    name: "shop",
    first: "what opens the shop, about two minutes this first time; the servers share most of it",
};
/// Runs trials on a shop.
pub const TRIALS: Tool = Tool {
    name: "trials",
    first: "what tries the shop, about two minutes this first time; the servers share most of it",
};

impl Tool {
    /// Builds it. Returns the path of its program.
    pub fn build(self, checkout: &Checkout) -> Result<PathBuf> {
        let program = checkout.target.join("debug").join(self.name);
        if !program.exists() {
            step(&format!("building {}", self.first));
        }
        run(&mut build(&checkout.root, self.name))?;
        Ok(program)
    }
}

/// A cargo command that builds a program with the features of the servers, so that shared crates are built once.
#[must_use]
pub fn build(root: &Path, name: &str) -> Command {
    let mut command = cargo();
    command.current_dir(root).args(["build", "--locked", "--workspace"]);
    command.args(APART.iter().flat_map(|name| ["--exclude", name]));
    command.args(["--bin", name]);
    command
}
