//! The commands of this repository; see `cargo xtask --help`.
//!
//! It is small, so that it builds in seconds: it knows all commands, runs the checks, and builds the tool for everything else and
//! becomes it.

mod deny;
mod help;
mod page;
mod scripts;
mod test;

use std::process::{Command, ExitCode};

use machine::tool::Tool;
use machine::{Checkout, Result, interrupt};

use help::Asked;

/// The usual exit code for a wrong command line.
const WRONG_CALL: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = match help::read(&arguments) {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("xtask: {error}");
            return ExitCode::from(WRONG_CALL);
        }
    };
    let outcome = match asked {
        Asked::Help(text) => {
            println!("{text}");
            Ok(())
        }
        Asked::Test(tests) => test::run_stages(&tests),
        Asked::Tool(tool) => become_tool(tool, &arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds a tool and becomes it, so that signals, the terminal and the exit code are the tool's.
fn become_tool(tool: Tool, arguments: &[String]) -> Result<()> {
    let program = tool.build(&Checkout::find()?)?;
    Err(interrupt::become_command(Command::new(program).args(arguments)))
}
