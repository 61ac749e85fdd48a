//! Builds, starts and tests the whole shop; see `cargo xtask help`.
//!
//! Invariants: no process that it starts outlives it; whatever it cannot do, it
//! says in one line, with the command that helps.

mod bench;
mod browser;
mod build;
mod chaos;
mod contract;
mod debian;
mod demo;
mod door;
mod error;
mod events;
mod files;
mod http;
mod interrupt;
mod islands;
mod origin;
mod ports;
mod process;
mod program;
mod race;
mod servers;
mod settings;
mod shop;
mod signals;
mod soak;
mod test;
mod toolchain;
mod topology;
mod up;
mod workspace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::Result;
use topology::{Recipe, Topology};
use workspace::{Profile, Workspace};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, starts and tests the whole shop")]
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
    /// Run every check, or the stages named
    Test {
        /// Stages to run, in their usual order [default: all]
        stages: Vec<test::Stage>,
        /// Journeys through a shop of two replicas each, on database servers and a broker
        #[arg(long)]
        scale: bool,
    },
    /// What the consumers of the open shop could not take
    Events {
        /// List it, or try it again
        #[command(subcommand)]
        what: events::Events,
    },
    /// Measure a shop of its own
    Bench {
        /// What to measure
        #[command(subcommand)]
        what: bench::Bench,
    },
    /// Trouble a shop of its own, and check that its books still agree
    Chaos(chaos::Options),
    /// Let many buy the last unit of a shop of its own at the same moment, again and again
    Race(race::Options),
    /// Let strangers try to close a shop of its own while shoppers buy
    Soak(soak::Options),
    /// Become a part that ends with its parent
    #[command(hide = true)]
    Guard {
        /// Process id of the parent
        parent: u32,
        /// The part's executable
        binary: PathBuf,
        /// What it is told
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
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

/// One thread: the kernel ends a part when the *thread* that started it ends.
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
        Task::Test { stages, scale } => test::run_stages(&stages, scale).await,
        Task::Events { what } => events::run(what).await,
        Task::Chaos(options) => chaos::run(options).await,
        Task::Race(options) => race::run(options).await,
        Task::Soak(options) => soak::run(options).await,
        Task::Bench { what } => bench::run(what).await,
        Task::Guard {
            parent,
            binary,
            arguments,
        } => Err(process::guard(parent, &binary, &arguments)),
    }
}
