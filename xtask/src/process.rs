//! One part as a process that never outlives xtask.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use rustix::process::Signal;
use tokio::process::Command;

use crate::error::{Error, Result};
use crate::origin::Origin;
use crate::program::Program;
use crate::settings::Settings;
use crate::topology::Part;

/// A part, running or not.
pub struct Process {
    /// What it is.
    pub part: Part,
    /// What runs.
    pub program: Program,
    root: PathBuf,
    binary: PathBuf,
    origin: Option<Origin>,
}

impl Process {
    /// Not started yet; `root` is the checkout that it comes from.
    pub fn new(part: Part, root: &Path, binary: PathBuf, logs: &Path) -> Self {
        Self {
            program: Program::new(&part.name, logs, Signal::TERM),
            part,
            root: root.to_owned(),
            binary,
            origin: None,
        }
    }

    /// Starts it; its output goes to the end of its log.
    pub fn start(&mut self) -> Result<()> {
        // Before it reads anything: what changes from now on is a change.
        self.origin = Origin::of(&self.part, &self.binary).ok();
        let settings = Settings::of(&self.binary)?;
        settings.check(&self.part)?;
        let mut command = guarded(&self.binary);
        for name in settings.foreign() {
            command.env_remove(name);
        }
        command
            .current_dir(&self.root)
            .env("STOA_LISTEN", self.part.listen.to_string())
            .envs(&self.part.env);
        self.program.start(command)
    }

    /// Its executable.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.program.pid()
    }

    /// Why this process must make way for `wanted`; nothing if it is that already.
    pub fn lacks(&self, wanted: &Self) -> Result<Vec<&'static str>> {
        let now = Origin::of(&wanted.part, &wanted.binary)?;
        Ok(match (self.pid(), &self.origin) {
            (Some(pid), Some(origin)) => origin.lacks(&now, pid),
            (Some(_), None) => vec!["program"],
            (None, _) => vec!["was down"],
        })
    }

    /// How it ended, told once.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.program.ended()
    }

    /// One line about its end, and the last lines that it wrote.
    pub fn obituary(&self, status: ExitStatus) -> String {
        self.program.obituary(status)
    }
}

/// A program that does not outlive xtask; its arguments are to be added.
pub fn guarded(binary: &Path) -> Command {
    // Not by its path: a build may have put another one there since this one was started.
    let mut command = Command::new("/proc/self/exe");
    command
        .args(["guard", &std::process::id().to_string()])
        .arg(binary)
        .stdin(Stdio::null())
        // Ctrl-C in a terminal reaches xtask alone, which then stops the others in order.
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Becomes `binary`, which the kernel kills when `parent` is gone, however it went.
pub fn guard(parent: u32, binary: &Path, arguments: &[OsString]) -> Error {
    die_with_parent();
    if std::os::unix::process::parent_id() != parent {
        return Error("xtask is gone".to_owned());
    }
    Error::at(binary, std::process::Command::new(binary).args(arguments).exec())
}

#[cfg(target_os = "linux")]
fn die_with_parent() {
    if let Err(error) = rustix::process::set_parent_process_death_signal(Some(Signal::KILL)) {
        eprintln!("not bound to xtask: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent() {}
