//! The commands that are about the shop itself; `cargo xtask` builds this program and becomes it.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use machine::Result;
use shop::program::Guard;
use shop::topology::{Recipe, Topology};
use shop::{Profile, Workspace, build, events, up};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Open the shop on this machine, or renew the parts of the open one that have changed
    Up(up::Options),
    /// Build servers, islands and static files
    Build {
        /// Build with optimisation
        #[arg(long)]
        release: bool,
        /// Leave the servers out
        #[arg(long)]
        assets: bool,
    },
    /// What the consumers of the open shop could not take
    Events {
        /// List it, or try it again
        #[command(subcommand)]
        what: events::Events,
    },
    /// Build every server as it is shipped
    #[command(hide = true)]
    Servers {
        /// Build with optimisation
        #[arg(long)]
        release: bool,
    },
    /// Become a part that ends with its parent
    #[command(hide = true)]
    Guard(Guard),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One thread, because the kernel ends a part when the *thread* that started it ends.
#[tokio::main(flavor = "current_thread")]
async fn run(task: Task) -> Result<()> {
    match task {
        Task::Up(options) => up::run(options).await,
        Task::Build { release, assets } => {
            let workspace = Workspace::find()?;
            if assets {
                return build::frontends(&workspace);
            }
            build::all(
                &workspace,
                &Topology::load(&workspace.root, &Recipe::default())?,
                Profile::new(release),
            )
        }
        Task::Events { what } => events::run(what).await,
        Task::Servers { release } => build::all_servers(&Workspace::find()?, Profile::new(release)),
        Task::Guard(guard) => Err(guard.become_program()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use expect_test::expect_file;

    use super::*;

    /// As `cargo xtask` shows it without building this.
    fn help(names: &[&str]) -> String {
        let mut command = Cli::command().term_width(120);
        command.build();
        let found = names
            .iter()
            .try_fold(&mut command, |command, name| command.find_subcommand_mut(name));
        found.unwrap().render_help().to_string()
    }

    #[test]
    fn help_is_what_xtask_shows() {
        expect_file!["../../help/up.txt"].assert_eq(&help(&["up"]));
        expect_file!["../../help/build.txt"].assert_eq(&help(&["build"]));
        expect_file!["../../help/events.txt"].assert_eq(&help(&["events"]));
        expect_file!["../../help/events-parked.txt"].assert_eq(&help(&["events", "parked"]));
        expect_file!["../../help/events-replay.txt"].assert_eq(&help(&["events", "replay"]));
    }
}
