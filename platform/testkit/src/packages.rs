//! npm packages that some tests need.

use std::process::Command;

use crate::repository;

/// Returns whether Node.js and these packages (in `playwright/node_modules`) are installed. If they are not, the test should
/// be skipped; a message says so. `require` in the environment variable `variable` makes that a failure.
///
/// # Panics
/// They are required and not installed.
#[must_use]
pub fn has_node_packages(packages: &[&str], variable: &str) -> bool {
    let modules = repository("playwright/node_modules");
    let is_there = packages.iter().all(|name| modules.join(name).is_dir())
        && Command::new("node").arg("--version").output().is_ok();
    let is_required = std::env::var(variable).is_ok_and(|value| value == "require");
    let list = packages.join(", ");
    assert!(
        is_there || !is_required,
        "{list} and Node.js are needed: npm ci in playwright/"
    );
    if !is_there {
        eprintln!("SKIPPED: {list} or Node.js is not installed: npm ci in playwright/");
    }
    is_there
}
