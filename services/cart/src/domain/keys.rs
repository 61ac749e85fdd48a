//! Idempotency keys: a line is added once for each key.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{CartLine, Quantity, Rejection, Sku};

/// How long a key is kept at least. Retries come within seconds.
const RETENTION: TimeDelta = TimeDelta::hours(1);
/// The most keys of one cart. More within the hour come from a client that misbehaves.
const MAX_KEYS: usize = 256;

/// An idempotency key, as the caller sent it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct RequestKey(String);

impl RequestKey {
    /// Keeps the text of the header.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// A key and the line that was added under it. The price is not compared: it may have changed when the request is
/// repeated.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct UsedKey {
    key: RequestKey,
    sku: Sku,
    quantity: Quantity,
    at: DateTime<Utc>,
}

/// The keys that were used on a cart.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct UsedKeys(Vec<UsedKey>);

impl UsedKeys {
    /// Whether this line was added under this key before.
    ///
    /// # Errors
    /// [`Rejection::KeyReused`] if another line was.
    pub fn contains(&self, key: &RequestKey, line: &CartLine) -> Result<bool, Rejection> {
        match self.0.iter().find(|used| used.key == *key) {
            None => Ok(false),
            Some(used) if used.sku == line.sku && used.quantity == line.quantity => Ok(true),
            Some(_) => Err(Rejection::KeyReused),
        }
    }

    /// Adds a key, and drops those whose time is over.
    pub fn insert(&mut self, key: RequestKey, line: &CartLine, now: DateTime<Utc>) -> Result<(), Rejection> {
        self.0.retain(|used| now - used.at < RETENTION);
        if self.0.len() == MAX_KEYS {
            return Err(Rejection::TooFast);
        }
        self.0.push(UsedKey {
            key,
            sku: line.sku.clone(),
            quantity: line.quantity,
            at: now,
        });
        Ok(())
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
