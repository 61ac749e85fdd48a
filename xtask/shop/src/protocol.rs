//! What a second `cargo xtask up` and the open shop say to each other.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::topology::{Overlay, Recipe, Table, Variables};
use crate::workspace::Profile;

/// The open shop, as it introduces itself.
#[derive(Debug, Deserialize, Serialize)]
pub struct ShopInfo {
    /// Process id of its xtask.
    pub pid: u32,
    /// The checkout that it was opened in.
    pub root: PathBuf,
    /// Its folder for data and logs.
    pub state: PathBuf,
    /// The table of `deploy/` that it was opened with.
    pub table: Table,
    /// The overlay on that table.
    pub overlay: Option<Overlay>,
}

impl ShopInfo {
    /// How it was opened, without the variables of the caller.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            table: self.table,
            overlay: self.overlay,
            caller: Variables::new(),
        }
    }
}

/// A request to replace the parts that have changed.
#[derive(Debug, Deserialize, Serialize)]
pub struct RenewRequest {
    /// The checkout that the parts were built in.
    pub root: PathBuf,
    /// Its target folder.
    pub target: PathBuf,
    /// How they were built.
    pub profile: Profile,
    /// Teams or parts; empty for all.
    pub only: Vec<String>,
    /// Whether to begin with empty databases.
    pub fresh: bool,
    /// Variables that the caller has set.
    #[serde(default)]
    pub caller: Variables,
}

/// What the shop did.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct RenewResult {
    /// One line for each part, for people.
    pub lines: Vec<String>,
    /// Why the request failed, if it did.
    pub error: Option<String>,
}
