//! What npm has installed for the journeys, for tests that need some of it.

use std::process::Command;

use crate::repository;

/// Whether Node.js and these packages are there. Where they are not, the test is skipped aloud, unless `variable` says
/// `require`.
///
/// # Panics
/// They are required, and missing.
#[must_use]
pub fn has_packages(packages: &[&str], variable: &str) -> bool {
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
