//! One part as a process that ends with xtask.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use machine::Result;
use rustix::process::Signal;

use crate::origin::Origin;
use crate::program::{Program, guarded};
use crate::settings::Settings;
use crate::topology::Part;

/// A part, running or not.
pub struct Process {
    /// The part, as the table has it.
    pub part: Part,
    /// Its program.
    pub program: Program,
    root: PathBuf,
    binary: PathBuf,
    origin: Option<Origin>,
}

impl Process {
    /// A process that is not started yet. `root` is the checkout that it comes from.
    pub fn new(part: Part, root: &Path, binary: PathBuf, logs: &Path) -> Self {
        Self {
            program: Program::new(&part.name, logs, Signal::TERM),
            part,
            root: root.to_owned(),
            binary,
            origin: None,
        }
    }

    /// Starts it, and appends its output to its log.
    pub fn start(&mut self) -> Result<()> {
        // Before the process reads its files, so that a later change of them is noticed.
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

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.program.pid()
    }

    /// The reasons to replace this process by `wanted`; empty if both are the same.
    pub fn lacks(&self, wanted: &Self) -> Result<Vec<&'static str>> {
        let now = Origin::of(&wanted.part, &wanted.binary)?;
        Ok(match (self.pid(), &self.origin) {
            (Some(pid), Some(origin)) => origin.lacks(&now, pid),
            (Some(_), None) => vec!["program"],
            (None, _) => vec!["was down"],
        })
    }

    /// Its exit status, if it has ended since the last call.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.program.ended()
    }

    /// A message for people: how it ended, and the last lines of its log.
    pub fn end_message(&self, status: ExitStatus) -> String {
        self.program.end_message(status)
    }
}
