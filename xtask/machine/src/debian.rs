//! Installs missing Debian packages, or says how to.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Error, Result, ask, fail, files, run, step};

/// Debian starts the server of a newly installed package, unless [a policy](https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt)
/// forbids it. An existing policy stays. This script's own is removed however the script ends, so only one may run at a time.
const INSTALL: &str = r#"
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy" || exit 1
fi
apt-get update -qq -o DPkg::Lock::Timeout=300 && apt-get install -y -q -o DPkg::Lock::Timeout=300 --no-install-recommends "$@" || exit 1
if [ -d /run/systemd/system ]; then
    # Nor are they to start with the machine.
    for package; do systemctl disable --quiet "$package" 2>/dev/null; done
fi
exit 0
"#;

/// Installs Debian packages without starting their servers. Without the right to do so, fails with the command to run.
pub fn install(packages: &[&str], purpose: &str) -> Result<()> {
    let list = packages.join(" ");
    if !Path::new("/etc/debian_version").exists() {
        return fail(format!(
            "{purpose} is missing. Install it by hand (on Debian: apt-get install {list})"
        ));
    }
    if !rustix::process::geteuid().is_root() {
        return fail(format!("{purpose} is missing. Run: sudo apt-get install {list}"));
    }
    let _alone = files::lock(&std::env::temp_dir().join("stoa-apt-get.lock"))?;
    step(&format!("installing {purpose}: apt-get install {list}"));
    let mut script = Command::new("sh");
    script
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["-c", INSTALL, "apt-get"])
        .args(packages);
    run(&mut script).map_err(|_| {
        Error(format!(
            "{purpose} is missing and cannot be installed. Run: sudo apt-get install {list}"
        ))
    })
}

/// Whether all of these packages are installed.
#[must_use]
pub fn has(packages: &[&str]) -> bool {
    let format = "-f=${db:Status-Status}\n";
    let states = ask(Command::new("dpkg-query").args(["-W", format]).args(packages));
    states.is_some_and(|states| states.lines().filter(|state| *state == "installed").count() == packages.len())
}

/// The first of these programs that is on the search path.
#[must_use]
pub fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    })
}
