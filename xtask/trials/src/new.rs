//! The stage `new`: runs `cargo xtask new` in a copy of the checkout, for a service, a BFF and a frontend. The new parts must
//! pass their tests, the lints and the laws, and a shop must show their page. Afterwards the copy is deleted.

mod copy;
mod visit;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use machine::{Error, Result, ask, cargo, fail, files, run as run_command, step};
use serde_json::Value;
use shop::Workspace;

use copy::Copy;
pub use visit::visit;

/// The name of the new parts.
const NAME: &str = "sample-cards";
/// The kinds of parts. Each needs the one before.
const KINDS: [&str; 3] = ["service", "bff", "frontend"];
/// The number of lines of the log that are shown after a failure.
const SHOWN: usize = 40;

/// Runs the stage.
pub fn run(workspace: &Workspace) -> Result<()> {
    let log = Log::create(&workspace.target)?;
    eprintln!("    log: {}", log.path.display());
    let copy = Copy::make(workspace)?;
    let trial = Trial { workspace, copy, log };
    let outcome = trial.run();
    drop(trial.copy);
    outcome
}

struct Trial<'a> {
    workspace: &'a Workspace,
    copy: Copy,
    log: Log,
}

impl Trial<'_> {
    fn run(&self) -> Result<()> {
        for kind in KINDS {
            self.timed(&format!("cargo xtask new {kind} {NAME}"), || {
                self.log.run(self.xtask(&["new", kind, NAME]))
            })?;
        }
        self.timed("invalid commands are refused", || self.refusals())?;
        self.timed("clippy and rustfmt", || self.lints())?;
        self.timed("the laws of the repository", || self.laws())?;
        self.timed("a shop with the new page", || self.shop())
    }

    fn timed(&self, what: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        step(what);
        let begun = Instant::now();
        work().map_err(|error| Error(format!("{what}: {error}\n{}", self.log.end())))?;
        eprintln!("    {:.0} s", begun.elapsed().as_secs_f32());
        Ok(())
    }

    /// `cargo xtask` in the copy.
    fn xtask(&self, arguments: &[&str]) -> Command {
        let mut command = self.copy.cargo();
        command.arg("xtask").args(arguments);
        command
    }

    fn refusals(&self) -> Result<()> {
        let before = self.copy.content()?;
        let mut refusals: Vec<_> = KINDS.map(|kind| (vec![kind, NAME], "already exists")).into();
        refusals.push((vec!["bff", "other-cards"], "cargo xtask new service other-cards"));
        refusals.push((vec!["frontend", "other-cards"], "cargo xtask new bff other-cards"));
        refusals.push((vec!["service", "Other Cards"], "is not a name"));
        for (arguments, expected) in refusals {
            let arguments = [&["new"], &*arguments].concat();
            let output = self.xtask(&arguments).output().map_err(Error::of)?;
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            if output.status.success() || !told.contains(expected) {
                return fail(format!(
                    "cargo xtask {}: {expected:?} was expected: {told}",
                    arguments.join(" ")
                ));
            }
        }
        if self.copy.content()? == before {
            Ok(())
        } else {
            fail("a refused command has changed something")
        }
    }

    fn lints(&self) -> Result<()> {
        let mut command = self.copy.cargo();
        command.args(["clippy", "--locked", "--quiet", "--all-targets"]);
        for package in packages() {
            command.args(["--package", &package]);
        }
        self.log.run({
            command.args(["--", "-D", "warnings"]);
            command
        })?;
        let mut command = self.copy.cargo();
        command.args(["fmt", "--check"]);
        for package in packages() {
            command.args(["--package", &package]);
        }
        self.log.run(command)
    }

    /// Runs the tidy tests of this checkout in the copy: they read the tree that they run in.
    fn laws(&self) -> Result<()> {
        let words = "test --workspace --locked --test tidy --no-run --quiet --message-format json";
        let mut build = cargo();
        build.current_dir(&self.workspace.root).args(words.split(' '));
        let Some(messages) = ask(build.stderr(self.log.file()?)) else {
            return fail("the tidy tests cannot be built");
        };
        let messages = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let programs = messages.filter(|message| message["target"]["name"] == "tidy");
        let programs: Vec<_> = programs
            .filter_map(|message| message["executable"].as_str().map(str::to_owned))
            .collect();
        let [tidy] = programs.as_slice() else {
            return fail(format!(
                "expected one program with the tidy tests, found {}",
                programs.len()
            ));
        };
        let folder = self.copy.root.join("xtask");
        let mut command = Command::new(tidy);
        command.current_dir(&folder).env("CARGO_MANIFEST_DIR", &folder);
        self.log.run(command)
    }

    /// Runs this program again in the copy, so that it builds and opens the copy's shop.
    fn shop(&self) -> Result<()> {
        let program = std::env::current_exe().map_err(Error::of)?;
        let mut command = self.copy.place(Command::new(program));
        command.args(["stage", "visit"]);
        self.log.run(command)
    }
}

/// The packages of the new parts.
fn packages() -> [String; 3] {
    ["", "-bff", "-frontend"].map(|ending| format!("{NAME}{ending}"))
}

/// The output of the commands.
struct Log {
    path: PathBuf,
}

impl Log {
    fn create(target: &Path) -> Result<Self> {
        let path = target.join("new.log");
        files::write(&path, "")?;
        Ok(Self { path })
    }

    fn file(&self) -> Result<File> {
        let file = File::options().append(true).open(&self.path);
        file.map_err(|error| Error::at(&self.path, error))
    }

    fn run(&self, mut command: Command) -> Result<()> {
        let (out, err) = (self.file()?, self.file()?);
        run_command(command.stdin(std::process::Stdio::null()).stdout(out).stderr(err))
    }

    /// The last lines, and where the rest is.
    fn end(&self) -> String {
        let text = fs::read(&self.path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        let end = &lines[lines.len().saturating_sub(SHOWN)..];
        format!("{}\n    log: {}", end.join("\n"), self.path.display())
    }
}
