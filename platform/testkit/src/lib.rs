//! Parts under test, through their public door: a part on a free port, a database of its own for
//! every test, and doubles of neighbours that answer with the neighbours' own contract files.

mod broker;
mod contract;
mod database;
mod double;
mod event;
mod part;
mod redis;
mod socket;

pub use broker::Broker;
pub use contract::{Contract, check_file};
pub use database::{Database, databases};
pub use double::Double;
pub use event::{Feed, event};
pub use part::Running;
pub use redis::Redis;
pub use socket::Socket;
pub use wiremock;

/// A path inside the repository, from its root.
#[must_use]
pub fn repository(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}
