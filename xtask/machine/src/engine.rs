//! PostgreSQL, RabbitMQ and Redis, and whether this machine has them.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use crate::{Error, debian};

/// Only RabbitMQ's own script: Debian's wrapper in PATH runs the machine-wide node.
const RABBITMQ: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
/// Where Debian keeps PostgreSQL's programs, which are not in PATH.
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// A kind of server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Engine {
    /// PostgreSQL, for the services' databases.
    Postgresql,
    /// RabbitMQ, the broker of events.
    Rabbitmq,
    /// Redis, for key-value data.
    Redis,
}

impl Engine {
    const ALL: [Self; 3] = [Self::Postgresql, Self::Rabbitmq, Self::Redis];

    /// Debian's package.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::Postgresql => "postgresql",
            Self::Rabbitmq => "rabbitmq-server",
            Self::Redis => "redis-server",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Postgresql => "PostgreSQL",
            Self::Rabbitmq => "RabbitMQ",
            Self::Redis => "Redis",
        }
    }

    /// The program that serves. PostgreSQL's others stand beside it; Valkey is the same to clients of Redis.
    #[must_use]
    pub fn program(self) -> Option<PathBuf> {
        match self {
            Self::Postgresql => postgresql(),
            Self::Rabbitmq => Some(PathBuf::from(RABBITMQ))
                .filter(|script| script.is_file())
                .or_else(|| debian::program(&["rabbitmq-server"])),
            Self::Redis => debian::program(&["redis-server", "valkey-server"]),
        }
    }

    /// Whether this machine has it.
    #[must_use]
    pub fn is_installed(self) -> bool {
        self.program().is_some()
    }

    /// The error that it is missing.
    #[must_use]
    pub fn missing(self) -> Error {
        Error(format!("{} is missing", self.title()))
    }
}

fn postgresql() -> Option<PathBuf> {
    let debian = fs::read_dir(POSTGRESQL).into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = debian
        .map(|entry| entry.path().join("bin"))
        .chain(std::env::split_paths(&path));
    let folder = folders.find(|folder| folder.join("initdb").is_file())?;
    Some(folder.join("postgres"))
}

/// As in the tables in `deploy/`, in `parts.json` and in the names of logs.
impl fmt::Display for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Postgresql => "postgresql",
            Self::Rabbitmq => "rabbitmq",
            Self::Redis => "redis",
        })
    }
}

impl FromStr for Engine {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|engine| engine.to_string() == name);
        known.ok_or_else(|| Error(format!("no server {name}: there are postgresql, rabbitmq and redis")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_read_as_it_is_written() {
        for engine in Engine::ALL {
            assert_eq!(engine.to_string().parse::<Engine>().unwrap(), engine);
        }
        assert!("mysql".parse::<Engine>().is_err());
    }
}
