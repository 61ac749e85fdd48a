//! One part as a process that never outlives xtask.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::error::{Error, Result};
use crate::origin::Origin;
use crate::topology::Part;

const LAST_LINES: usize = 6;

/// A part, running or not.
pub struct Process {
    /// What it is.
    pub part: Part,
    root: PathBuf,
    binary: PathBuf,
    log: PathBuf,
    origin: Option<Origin>,
    child: Option<Child>,
}

impl Process {
    /// Not started yet; `root` is the checkout that it comes from.
    pub fn new(part: Part, root: &Path, binary: PathBuf, logs: &Path) -> Self {
        let log = logs.join(&part.name).with_extension("log");
        Self {
            part,
            root: root.to_owned(),
            binary,
            log,
            origin: None,
            child: None,
        }
    }

    /// Starts it; its output goes to the end of its log.
    pub fn start(&mut self) -> Result<()> {
        let failed = |error: io::Error| Error(format!("{} cannot be started: {error}", self.part.name));
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(failed)?;
        // Before it reads anything: what changes from now on is a change.
        self.origin = Origin::of(&self.part, &self.binary).ok();
        let child = guarded(&self.binary)
            .current_dir(&self.root)
            .env("STOA_LISTEN", self.part.listen.to_string())
            .envs(&self.part.env)
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        self.child = Some(child);
        Ok(())
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
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
        let status = self.child.as_mut()?.try_wait().ok()??;
        self.child = None;
        Some(status)
    }

    /// Waits for the end of a process that was told to end.
    pub async fn wait(&mut self) {
        if let Some(child) = &mut self.child {
            // An error means that it is gone already.
            let _ = child.wait().await;
        }
        self.child = None;
    }

    /// Asks it to finish.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
        // A process that was stopped hears nothing until it goes on.
        self.signal(Signal::CONT);
    }

    /// Ends it now.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    fn signal(&self, signal: Signal) {
        let pid = self
            .pid()
            .and_then(|pid| i32::try_from(pid).ok())
            .and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // It may have ended by itself in this moment.
            let _ = kill_process(pid, signal);
        }
    }

    /// One line about its end, and the last lines that it wrote.
    pub fn obituary(&self, status: ExitStatus) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        let first = format!("{} has stopped ({status}); log: {}", self.part.name, self.log.display());
        last.iter().fold(first, |words, line| words + "\n    | " + line)
    }

    /// Where it writes.
    pub fn log(&self) -> &Path {
        &self.log
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
