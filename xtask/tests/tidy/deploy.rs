//! What runs where, as `deploy/` has it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::tree::Tree;

/// One table of `deploy/`.
#[derive(Deserialize)]
pub struct Table {
    /// Its path from the root
    #[serde(skip)]
    pub path: String,
    #[serde(default, rename = "part")]
    pub parts: Vec<Entry>,
}

/// One part of it.
#[derive(Deserialize)]
pub struct Entry {
    pub name: String,
    #[serde(default)]
    pub listen: String,
    #[serde(default)]
    pub public: String,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// All tables.
pub fn tables(tree: &Tree) -> Vec<Table> {
    let files = tree.files("deploy", ".toml");
    let read = |(path, text): (&str, &str)| {
        let mut table: Table = toml::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        path.clone_into(&mut table.path);
        table
    };
    files.map(read).collect()
}

/// Where each part listens: address and name.
pub fn listeners(tables: &[Table]) -> Vec<(&str, &str)> {
    let entries = tables.iter().flat_map(|table| &table.parts);
    let addresses = entries.flat_map(|entry| {
        [
            (entry.listen.as_str(), &entry.name),
            (entry.public.as_str(), &entry.name),
        ]
    });
    let mut listeners: Vec<_> = addresses
        .filter(|(address, _)| !address.is_empty())
        .map(|(address, name)| (address, name.as_str()))
        .collect();
    listeners.sort_unstable();
    listeners.dedup();
    listeners
}
