//! Signals while something is built.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// Knows the workspace, and builds for ever.
const CARGO: &str =
    "#!/bin/sh\n[ \"$1\" = metadata ] && exec \"$REAL_CARGO\" \"$@\"\necho building\nsleep 600 &\nwait\n";

#[test]
fn sigterm_ends_a_build_and_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    std::fs::write(&cargo, CARGO).unwrap();
    std::fs::set_permissions(&cargo, PermissionsExt::from_mode(0o755)).unwrap();

    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["up", "--random-ports", "--state"])
        .arg(folder.path().join("shop"))
        .env("REAL_CARGO", std::env::var_os("CARGO").unwrap())
        .env("CARGO", &cargo)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(xtask.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "building\n");

    let pid = Pid::from_raw(xtask.id().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    // Its end comes when the last process that could write has gone, `sleep` among them.
    output.read_to_string(&mut line).unwrap();
    assert!(!xtask.wait().unwrap().success());
}
