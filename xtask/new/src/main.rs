#![doc = include_str!("../README.md")]

mod changes;
mod contract;
mod deploy;
mod docs;
mod make;
mod name;
mod tables;
mod templates;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use machine::{Checkout, Result};

use make::Wanted;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write a new service, BFF or frontend, with tests and an entry in every table
    New {
        /// What to write
        #[command(subcommand)]
        what: What,
    },
}

#[derive(Subcommand)]
enum What {
    /// Write a new service: a resource in a database of its own
    Service {
        /// Name of the service, usually a plural: gift-cards
        name: String,
        /// Name of one item [default: NAME in the singular]
        #[arg(long, value_name = "NAME")]
        item: Option<String>,
    },
    /// Write a new BFF, which reads a list from a service
    Bff {
        /// Name of the frontend that it is for
        name: String,
        /// Service that it calls [default: the one with its name]
        #[arg(long, value_name = "NAME")]
        service: Option<String>,
        /// List of the service that it reads [default: the first that it can read]
        #[arg(long, value_name = "NAME")]
        resource: Option<String>,
    },
    /// Write a new frontend: a page at /NAME and a fragment, drawn from what its BFF lists
    Frontend {
        /// Name of the frontend, and of its BFF
        name: String,
    },
}

fn main() -> ExitCode {
    let Task::New { what } = Cli::parse().command;
    match run(what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(what: What) -> Result<()> {
    let checkout = Checkout::find()?;
    let root = &checkout.root;
    let wanted = match what {
        What::Service { name, item } => Wanted::service(root, &name, item.as_deref()),
        What::Bff {
            name,
            service,
            resource,
        } => Wanted::bff(root, &name, service.as_deref(), resource.as_deref()),
        What::Frontend { name } => Wanted::frontend(root, &name),
    };
    wanted?.make(root)
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
        expect_file!["../../help/new.txt"].assert_eq(&help(&["new"]));
        expect_file!["../../help/new-service.txt"].assert_eq(&help(&["new", "service"]));
        expect_file!["../../help/new-bff.txt"].assert_eq(&help(&["new", "bff"]));
        expect_file!["../../help/new-frontend.txt"].assert_eq(&help(&["new", "frontend"]));
    }
}
