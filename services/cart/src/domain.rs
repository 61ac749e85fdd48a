//! Carts, and the rules they keep.

mod entry;
mod keys;
mod lines;
mod values;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use entry::{Change, Entry, Expected};
pub use keys::Key;
pub use lines::{Bought, Line, Lines};
pub use values::{Quantity, Sku, UnitPrice, Wanted};

/// How long a cart lives after its last change.
pub const LIFE: TimeDelta = TimeDelta::days(30);

/// A rule that a change would break.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Violation {
    /// More of one thing than there may be.
    #[error("The cart has {0} of it already, and 99 is the most.")]
    TooMany(u32),
    /// More things than there may be.
    #[error("The cart is full: 50 different things are the most.")]
    Full,
    /// More things than there may be, together with those of another cart.
    #[error("Together the carts have more than 50 different things.")]
    FullTogether,
    /// A cart does not go into itself.
    #[error("A cart cannot be merged with itself.")]
    Itself,
    /// The change was meant for another version.
    #[error("The cart has changed: it is at version {0}.")]
    Stale(u64),
    /// The key stands for something else.
    #[error("This Idempotency-Key was used for another request.")]
    KeyReused,
    /// More was put in within the hour than keys can be remembered.
    #[error("Too much was put into this cart within an hour.")]
    TooFast,
}

/// What a shopper has put aside to buy.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Cart {
    /// Its name; random, because whoever knows it holds the cart
    pub id: Uuid,
    /// What is in it
    #[schema(max_items = 50)]
    pub lines: Lines,
    /// How many things there are, all lines taken together
    pub quantity: u32,
    /// How often the lines have changed
    pub version: u64,
    /// When it was last used
    pub updated_at: DateTime<Utc>,
}

impl Cart {
    /// An empty one.
    #[must_use]
    pub fn new(id: Uuid, now: DateTime<Utc>) -> Self {
        Self {
            id,
            lines: Lines::default(),
            quantity: 0,
            version: 0,
            updated_at: now,
        }
    }

    /// Whether it still is a cart: an old one is not.
    #[must_use]
    pub fn is_alive(&self, now: DateTime<Utc>) -> bool {
        now - self.updated_at < LIFE
    }

    /// The cart after a change.
    pub fn changed(
        &self,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Lines) -> Result<(), Violation>,
    ) -> Result<Self, Violation> {
        let mut lines = self.lines.clone();
        change(&mut lines)?;
        Ok(Self {
            id: self.id,
            quantity: lines.quantity(),
            version: self.version + u64::from(lines != self.lines),
            lines,
            updated_at: now,
        })
    }
}

#[cfg(test)]
mod tests;
