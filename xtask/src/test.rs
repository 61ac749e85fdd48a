//! `test`: every check, in the order in which they are cheap.

use std::process::Command;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::error::{Error, Result};
use crate::workspace::{Workspace, ask, cargo, run, step};
use crate::{browser, debian};

/// One kind of check.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Stage {
    /// The code is formatted
    Fmt,
    /// No lint complains
    Clippy,
    /// Unit, API, contract and tidy tests
    Unit,
    /// Journeys through the whole shop in a real browser
    Browser,
}

/// Runs the stages asked for, or all; stops at the first that fails.
pub async fn run_stages(asked: &[Stage]) -> Result<()> {
    let workspace = Workspace::find()?;
    let mut times = Vec::new();
    let chosen = Stage::value_variants()
        .iter()
        .filter(|stage| asked.is_empty() || asked.contains(stage));
    for stage in chosen {
        let name = format!("{stage:?}").to_lowercase();
        step(&format!("test stage: {name}"));
        let start = Instant::now();
        let outcome = stage.run(&workspace).await;
        times.push((name.clone(), start.elapsed(), outcome.is_ok()));
        if let Err(error) = outcome {
            summary(&times);
            return Err(Error(format!("test stage {name} failed: {error}")));
        }
    }
    summary(&times);
    Ok(())
}

impl Stage {
    async fn run(self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Fmt => run(in_root(workspace).args(["fmt", "--all", "--check"])),
            Self::Clippy => clippy(workspace),
            Self::Unit => unit(workspace),
            Self::Browser => browser::run(workspace).await,
        }
    }
}

fn clippy(workspace: &Workspace) -> Result<()> {
    run(in_root(workspace).args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn unit(workspace: &Workspace) -> Result<()> {
    if debian::program(&["cargo-nextest"]).is_none() {
        return run(in_root(workspace).args(["test", "--workspace"]));
    }
    run(in_root(workspace).args(["nextest", "run", "--workspace"]))
}

fn in_root(workspace: &Workspace) -> Command {
    let mut command = cargo();
    command.current_dir(&workspace.root);
    command
}

fn summary(times: &[(String, Duration, bool)]) {
    eprintln!();
    for (name, time, passed) in times {
        let word = if *passed { "passed" } else { "FAILED" };
        eprintln!("    {name:<8} {word} {:>7.1} s", time.as_secs_f32());
    }
    let version = ask(Command::new("rustc").arg("--version")).unwrap_or_default();
    eprintln!("    with {version}\n");
}
