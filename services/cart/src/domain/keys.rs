//! The keys of what was done to a cart: the same thing under the same key is done once.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Line, Quantity, Sku, Violation};

/// How long a key is known at least. Whoever sends again does so within seconds.
const REMEMBERED_FOR: TimeDelta = TimeDelta::hours(1);
/// Keys of one cart, at most. Nobody puts so much in within the hour but a program that has gone astray.
const KEYS: usize = 256;

/// The name of an intent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// The name that its caller gave it.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }
}

/// What was put in under a key. Its price is not part of the intent: it may be another when the same is sent again.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Known {
    key: Key,
    sku: Sku,
    quantity: Quantity,
    at: DateTime<Utc>,
}

/// The keys that are remembered.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Keys(Vec<Known>);

impl Keys {
    /// Whether this was put in already; a mistake, where the key stands for something else.
    pub fn know(&self, key: &Key, line: &Line) -> Result<bool, Violation> {
        match self.0.iter().find(|known| known.key == *key) {
            None => Ok(false),
            Some(known) if known.sku == line.sku && known.quantity == line.quantity => Ok(true),
            Some(_) => Err(Violation::KeyReused),
        }
    }

    /// Remembers a key, and forgets those that have been remembered long enough.
    pub fn remember(&mut self, key: Key, line: &Line, now: DateTime<Utc>) -> Result<(), Violation> {
        self.0.retain(|known| now - known.at < REMEMBERED_FOR);
        if self.0.len() == KEYS {
            return Err(Violation::TooFast);
        }
        self.0.push(Known {
            key,
            sku: line.sku.clone(),
            quantity: line.quantity,
            at: now,
        });
        Ok(())
    }

    /// Whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
