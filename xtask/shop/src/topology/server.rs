//! A server that the parts stand on, as the table has it.

use std::net::SocketAddr;

use machine::Engine;
use serde::{Deserialize, Deserializer};

/// A server that is not ours.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Which one.
    #[serde(deserialize_with = "engine")]
    pub name: Engine,
    /// Address that it serves.
    pub listen: SocketAddr,
}

fn engine<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Engine, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(serde::de::Error::custom)
}
