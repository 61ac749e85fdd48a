//! Parts under test, through their public door: a part on a free port, a database of its own for
//! every test, and doubles of neighbours that answer with the neighbours' own contract files.

#![warn(missing_docs)]

mod broker;
mod code;
mod contract;
mod database;
mod double;
mod event;
mod log;
mod lost;
mod observed;
mod packages;
mod part;
mod port;
mod process;
mod redis;
mod silent;
mod socket;

pub use broker::Broker;
pub use code::{CODES, encoded};
pub use contract::{Contract, check_contract, check_file};
pub use database::{Database, databases};
pub use double::Double;
pub use event::{Feed, event};
pub use log::Log;
pub use lost::Lost;
pub use packages::has_packages;
pub use part::Running;
pub use port::free_port;
pub use process::{client, command, get};
pub use redis::Redis;
pub use silent::Silent;
pub use socket::Socket;
pub use wiremock;

use std::path::PathBuf;

/// A path inside the repository, from its root. Where the test runs, not where it was built: copies of the repository
/// may share a target folder.
///
/// # Panics
/// The test is run by something else than cargo.
#[must_use]
pub fn repository(path: &str) -> PathBuf {
    let folder = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this"));
    let mut folders = folder.ancestors();
    let root = folders.find(|folder| folder.join("Cargo.lock").is_file());
    root.expect("inside the repository").join(path)
}
