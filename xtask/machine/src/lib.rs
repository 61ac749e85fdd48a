//! What every tool of this repository is built on: running commands, and installing what this machine lacks.
//!
//! It needs next to nothing, so that `cargo xtask` is there in seconds, and knows neither the shop nor its parts.

mod checkout;
mod command;
pub mod debian;
mod engine;
mod error;
pub mod files;
pub mod interrupt;
pub mod npm;
pub mod python;
pub mod tool;

pub use checkout::Checkout;
pub use command::{ask, cargo, run, step};
pub use engine::Engine;
pub use error::{Error, Result, fail};
