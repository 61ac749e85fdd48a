//! Tools for tests of parts: a part on a free port, a database for each test, and doubles of neighbours that answer with the
//! examples of the neighbours' contracts.

#![warn(missing_docs)]

mod broker;
mod clock;
mod code;
mod contract;
#[cfg(feature = "db")]
mod database;
mod double;
mod event;
mod faulty_server;
mod hanging_server;
mod log;
mod observed;
mod packages;
mod part;
mod port;
#[cfg(feature = "db")]
mod postgres;
mod process;
mod redis;
mod socket;

pub use broker::Broker;
pub use clock::TestClock;
pub use code::{CODES, encoded};
pub use contract::{Contract, check_contract, check_file};
#[cfg(feature = "db")]
pub use database::{Database, databases};
pub use double::Double;
pub use event::{Feed, event};
pub use faulty_server::FaultyServer;
pub use hanging_server::HangingServer;
pub use log::Log;
pub use packages::has_node_packages;
pub use part::Running;
pub use port::free_port;
pub use process::{client, command, get};
pub use redis::Redis;
pub use socket::Socket;
pub use wiremock;

use std::path::PathBuf;

/// A path inside the repository. The repository is that of the test run, not of the build: copies of the repository may share
/// a target folder.
///
/// # Panics
/// The test is not run by cargo.
#[must_use]
pub fn repository(path: &str) -> PathBuf {
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this"));
    let mut folders = folder.ancestors();
    let root = folders.find(|folder| folder.join("Cargo.lock").is_file());
    root.expect("inside the repository").join(path)
}
