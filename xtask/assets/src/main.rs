#![doc = include_str!("../README.md")]

mod compress;
mod islands;
mod minify;
mod statics;
mod toolchain;

use std::process::ExitCode;

use machine::Checkout;

fn main() -> ExitCode {
    let frontends: Vec<String> = std::env::args().skip(1).collect();
    match Checkout::find().and_then(|checkout| statics::build(&checkout, &frontends)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("assets: {error}");
            ExitCode::FAILURE
        }
    }
}
