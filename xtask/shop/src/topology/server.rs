//! A server that the parts need, as the table has it.

use std::net::SocketAddr;

use machine::Engine;
use serde::{Deserialize, Deserializer};

/// PostgreSQL, RabbitMQ or Redis.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its kind.
    #[serde(deserialize_with = "engine")]
    pub name: Engine,
    /// The address that it listens on.
    pub listen: SocketAddr,
}

fn engine<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Engine, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map_err(serde::de::Error::custom)
}
