//! What is said at the door of an open shop.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::topology::{Overlay, Recipe, Table, Variables};
use crate::workspace::Profile;

/// What an open shop says of itself.
#[derive(Debug, Deserialize, Serialize)]
pub struct Greeting {
    /// Process id of its xtask.
    pub pid: u32,
    /// The checkout that it was opened in.
    pub root: PathBuf,
    /// Its folder for data and logs.
    pub state: PathBuf,
    /// The table that it was made after.
    pub table: Table,
    /// What was laid over that.
    pub overlay: Option<Overlay>,
}

impl Greeting {
    /// What it was made after, but for what was set by whoever opened it.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            table: self.table,
            overlay: self.overlay,
            caller: Variables::new(),
        }
    }
}

/// What a visitor wants.
#[derive(Debug, Deserialize, Serialize)]
pub struct Wish {
    /// The checkout that the parts were built in.
    pub root: PathBuf,
    /// Its target folder.
    pub target: PathBuf,
    /// How they were built.
    pub profile: Profile,
    /// Teams or parts; none means all.
    pub only: Vec<String>,
    /// Whether to begin with empty databases.
    pub fresh: bool,
    /// What the visitor has set.
    #[serde(default)]
    pub caller: Variables,
}

/// What the shop did about a wish.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Outcome {
    /// For people.
    pub lines: Vec<String>,
    /// Why it could not be done.
    pub error: Option<String>,
}
