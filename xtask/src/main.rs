//! The commands of this repository; see `cargo xtask --help`.
//!
//! It is small, so that it is there in seconds: it knows what there is, runs the checks, and for everything else builds the
//! tool that does it and becomes that.

mod deny;
mod help;
mod page;
mod scripts;
mod test;

use std::process::{Command, ExitCode};

use machine::tool::Tool;
use machine::{Checkout, Result, interrupt};

use help::Asked;

/// As most programs say that they were called in a wrong way.
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

/// Builds a tool, and becomes it: from then on signals, the terminal and the exit code are the tool's.
fn become_tool(tool: Tool, arguments: &[String]) -> Result<()> {
    let program = tool.build(&Checkout::find()?)?;
    Err(interrupt::become_command(Command::new(program).args(arguments)))
}
