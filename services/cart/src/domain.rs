//! Carts, and the rules they keep.

mod keys;
mod lines;
mod stored_cart;
mod values;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use keys::RequestKey;
pub use lines::{CartLine, CartLines, OrderedLine};
pub use stored_cart::{CartChange, ExpectedVersions, StoredCart};
pub use values::{NewQuantity, Quantity, Sku, UnitPrice};

/// How long a cart is kept after its last change.
pub const LIFETIME: TimeDelta = TimeDelta::days(30);

/// Why a change is rejected.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// A line would have more than 99 units; it has this many.
    #[error("The cart has {0} of this already, and the maximum is 99.")]
    TooManyUnits(u32),
    /// The cart would have more than 50 lines.
    #[error("The cart is full: the maximum is 50 different items.")]
    TooManyLines,
    /// The merged cart would have more than 50 lines.
    #[error("Together the carts have more than 50 different items.")]
    TooManyLinesMerged,
    /// A cart cannot be merged with itself.
    #[error("A cart cannot be merged with itself.")]
    MergedWithItself,
    /// The cart has another version than the change expects; it has this one.
    #[error("The cart has changed: it is at version {0}.")]
    VersionMismatch(u64),
    /// The idempotency key was used for another line.
    #[error("This Idempotency-Key was used for another request.")]
    KeyReused,
    /// Too many idempotency keys were used within an hour.
    #[error("Too many items were added to this cart within an hour.")]
    TooFast,
}

/// A shopping cart.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Cart {
    /// The cart's id, a random UUID. Treat it as a secret: it gives access to the cart.
    pub id: Uuid,
    /// The lines of the cart, at most 50, in the order in which they were added.
    #[schema(max_items = 50)]
    pub lines: CartLines,
    /// The number of units in all lines.
    pub quantity: u32,
    /// The version of the lines: 0 for a new cart, and one more after each change. It is the value of the `ETag`.
    pub version: u64,
    /// When the cart was last changed. It is deleted 30 days later.
    pub updated_at: DateTime<Utc>,
}

impl Cart {
    /// Creates an empty cart.
    #[must_use]
    pub fn new(id: Uuid, now: DateTime<Utc>) -> Self {
        Self {
            id,
            lines: CartLines::default(),
            quantity: 0,
            version: 0,
            updated_at: now,
        }
    }

    /// Whether the cart has not expired.
    #[must_use]
    pub fn is_alive(&self, now: DateTime<Utc>) -> bool {
        now - self.updated_at < LIFETIME
    }

    /// The cart after a change.
    pub fn changed(
        &self,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut CartLines) -> Result<(), Rejection>,
    ) -> Result<Self, Rejection> {
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
