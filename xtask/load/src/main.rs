#![doc = include_str!("../README.md")]

mod connection;
mod fetch;
mod order;
mod serve;
mod tally;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "load", about = "The shoppers and the control of `cargo xtask bench`")]
struct Cli {
    #[command(subcommand)]
    command: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Ask for one page over and over
    Fetch(fetch::Options),
    /// Buy one thing after another
    Order(order::Options),
    /// Send pages from memory
    Serve(serve::Options),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Role::Fetch(options) => fetch::run(&options),
        Role::Order(options) => order::run(&options),
        Role::Serve(options) => serve::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}
