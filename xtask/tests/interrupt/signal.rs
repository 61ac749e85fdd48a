//! A signal while a program of ours waits for cargo.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// Knows the workspace, and builds for ever.
const CARGO: &str = "#!/bin/sh
case $1 in metadata | locate-project) exec \"$REAL_CARGO\" \"$@\" ;; esac
echo building
sleep 600 &
wait
";

/// Sends SIGTERM to `program` while it builds; it must end, and all that it has started.
pub fn is_heeded(program: &str) {
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    std::fs::write(&cargo, CARGO).unwrap();
    std::fs::set_permissions(&cargo, PermissionsExt::from_mode(0o755)).unwrap();

    let mut program = Command::new(program)
        .args(["up", "--random-ports", "--state"])
        .arg(folder.path().join("shop"))
        .env("REAL_CARGO", std::env::var_os("CARGO").unwrap())
        .env("CARGO", &cargo)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(program.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "building\n");

    let pid = Pid::from_raw(program.id().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    // Its end comes when the last process that could write has gone, `sleep` among them.
    output.read_to_string(&mut line).unwrap();
    assert!(!program.wait().unwrap().success());
}
