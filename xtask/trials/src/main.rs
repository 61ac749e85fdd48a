#![doc = include_str!("../README.md")]

mod bench;
mod browser;
mod chaos;
mod contract;
mod new;
mod race;
mod soak;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use machine::Result;
use shop::Workspace;
use shop::program::Guard;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Open a shop, and measure it
    Bench {
        /// The measurement
        #[command(subcommand)]
        what: bench::Bench,
    },
    /// Open a shop, inject failures while shoppers buy, and check that no order, payment or stock is lost
    Chaos(chaos::Options),
    /// Open a shop, and let many shoppers buy the last unit at the same moment, many times
    Race(race::Options),
    /// Open a shop, and attack it while shoppers buy
    Soak(soak::Options),
    /// Run a stage of `cargo xtask test`
    #[command(hide = true)]
    Stage {
        /// Which
        stage: Stage,
        /// With deploy/scale.toml: database servers, a broker and two replicas of each part
        #[arg(long)]
        scale: bool,
    },
    /// Become a program that ends with its parent
    #[command(hide = true)]
    Guard(Guard),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Stage {
    Contract,
    Browser,
    Chaos,
    Race,
    New,
    /// The last step of `new`, in its copy of the checkout
    Visit,
}

impl Stage {
    async fn run(self, scale: bool) -> Result<()> {
        let workspace = Workspace::find()?;
        match self {
            Self::Contract => contract::run(&workspace).await,
            Self::Browser => browser::run(&workspace, scale).await,
            Self::Chaos => chaos::test(&workspace, scale).await,
            Self::Race => race::test(scale).await,
            Self::New => new::run(&workspace),
            Self::Visit => new::visit(&workspace).await,
        }
    }
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
        Task::Bench { what } => bench::run(what).await,
        Task::Chaos(options) => chaos::run(options).await,
        Task::Race(options) => race::run(options).await,
        Task::Soak(options) => soak::run(options).await,
        Task::Stage { stage, scale } => stage.run(scale).await,
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
        expect_file!["../../help/bench.txt"].assert_eq(&help(&["bench"]));
        expect_file!["../../help/bench-pages.txt"].assert_eq(&help(&["bench", "pages"]));
        expect_file!["../../help/bench-orders.txt"].assert_eq(&help(&["bench", "orders"]));
        expect_file!["../../help/bench-idle.txt"].assert_eq(&help(&["bench", "idle"]));
        expect_file!["../../help/bench-lighthouse.txt"].assert_eq(&help(&["bench", "lighthouse"]));
        expect_file!["../../help/chaos.txt"].assert_eq(&help(&["chaos"]));
        expect_file!["../../help/race.txt"].assert_eq(&help(&["race"]));
        expect_file!["../../help/soak.txt"].assert_eq(&help(&["soak"]));
    }
}
