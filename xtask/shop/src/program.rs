//! A program that never outlives xtask, with its log.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use machine::{Error, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const LAST_LINES: usize = 6;

/// A program, running or not.
pub struct Program {
    name: String,
    log: PathBuf,
    ending: Signal,
    child: Option<Child>,
}

impl Program {
    /// A program that is not started yet. `ending` is the signal that asks it to finish.
    #[must_use]
    pub fn new(name: &str, logs: &Path, ending: Signal) -> Self {
        Self {
            name: name.to_owned(),
            log: logs.join(format!("{name}.log")),
            ending,
            child: None,
        }
    }

    /// Starts it, and appends its output to its log.
    pub fn start(&mut self, mut command: Command) -> Result<()> {
        let failed = |error: io::Error| Error(format!("{} cannot be started: {error}", self.name));
        // Logs may name shoppers: other users of this machine must not read them.
        let mut log = File::options();
        log.create(true).append(true).mode(0o600);
        let log = log.open(&self.log).map_err(failed)?;
        command.stdout(log.try_clone().map_err(failed)?).stderr(log);
        self.child = Some(command.spawn().map_err(failed)?);
        Ok(())
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Its exit status, if it has ended since the last call.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().ok()??;
        self.child = None;
        Some(status)
    }

    /// Waits until a process that was asked to end has ended.
    pub async fn wait(&mut self) {
        if let Some(child) = &mut self.child {
            // An error means that it has ended already.
            let _ = child.wait().await;
        }
        self.child = None;
    }

    /// Asks it to finish.
    pub fn terminate(&self) {
        self.signal(self.ending);
        // A process that SIGSTOP has paused gets no signal until it continues.
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
            // It may just have ended.
            let _ = kill_process(pid, signal);
        }
    }

    /// A message for people: how it ended, and the last lines of its log.
    pub fn end_message(&self, status: ExitStatus) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        let first = format!("{} has stopped ({status}); log: {}", self.name, self.log.display());
        last.iter().fold(first, |words, line| words + "\n    | " + line)
    }

    /// The file of its log.
    pub fn log(&self) -> &Path {
        &self.log
    }
}

/// The command of a program that the kernel ends together with xtask. The caller adds its arguments. The tool that calls this
/// needs the subcommand `guard`.
#[must_use]
pub fn guarded(binary: &Path) -> Command {
    // Not by its path: a build may have replaced the file since this process was started.
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

/// Arguments of the subcommand `guard`, with which [`guarded`] starts the tool again.
#[derive(clap::Args, Debug)]
pub struct Guard {
    /// Process id of the parent
    parent: u32,
    /// The part's executable
    binary: PathBuf,
    /// Its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Guard {
    /// Becomes the program, which the kernel kills when `parent` ends for any reason.
    #[must_use]
    pub fn become_program(&self) -> Error {
        die_with_parent();
        if std::os::unix::process::parent_id() != self.parent {
            return Error("xtask is gone".to_owned());
        }
        let mut command = std::process::Command::new(&self.binary);
        Error::at(&self.binary, command.args(&self.arguments).exec())
    }
}

#[cfg(target_os = "linux")]
fn die_with_parent() {
    if let Err(error) = rustix::process::set_parent_process_death_signal(Some(Signal::KILL)) {
        eprintln!("cannot be ended together with xtask: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent() {}

/// Stops these by SIGTERM, and after `grace` by SIGKILL.
pub async fn stop(programs: &mut [&mut Program], grace: Duration) {
    for program in &mut *programs {
        program.terminate();
    }
    let ends = async {
        for program in programs.iter_mut() {
            program.wait().await;
        }
    };
    if timeout(grace, ends).await.is_err() {
        for program in programs {
            program.kill();
            program.wait().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn a_log_is_for_its_owner_alone() {
        let folder = std::env::temp_dir().join(format!("stoa-log-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut program = Program::new("echo", &folder, Signal::TERM);
        program.start(Command::new("echo")).unwrap();
        program.wait().await;
        let mode = fs::metadata(program.log()).unwrap().permissions().mode();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(mode & 0o777, 0o600);
    }
}
