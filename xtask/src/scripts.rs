//! The scripts stage: TypeScript's compiler and ESLint check all scripts, and zizmor checks the workflows of CI.

use std::process::Command;

use machine::{Checkout, Result, npm, python, run};

/// The Playwright tests, scripts for browsers, and the check of the double against Stripe's client.
const PROJECTS: [&str; 3] = ["tsconfig.json", "tsconfig.loader.json", "tsconfig.double.json"];

/// Installs and runs the programs.
pub fn run_all(checkout: &Checkout) -> Result<()> {
    let folder = checkout.root.join("playwright");
    npm::install_journeys(&checkout.root)?;
    let packages = folder.join("node_modules");
    for project in PROJECTS {
        let mut compiler = Command::new("node");
        compiler.arg(packages.join("typescript/bin/tsc")).arg("--project");
        run(compiler.arg(folder.join(project)))?;
    }
    let mut linter = Command::new("node");
    linter.arg(packages.join("eslint/bin/eslint.js")).arg("--config");
    linter.arg(folder.join("eslint.config.js"));
    // From the root, so that every script is linted.
    run(linter.args(["--max-warnings", "0", "."]).current_dir(&checkout.root))?;
    let mut zizmor = Command::new(python::check(&checkout.root, &checkout.target, "zizmor")?);
    zizmor.args([
        "--offline",
        "--no-progress",
        "--quiet",
        "--pedantic",
        "--strict-collection",
    ]);
    run(zizmor.arg(checkout.root.join(".github")))
}
