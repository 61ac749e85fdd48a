//! A cart as it is stored, and how it changes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::UsedKeys;
use super::{Cart, CartLine, CartLines, NewQuantity, OrderedLine, Rejection, RequestKey, Sku};

/// A change of a cart's lines.
#[derive(Clone, Debug)]
pub enum CartChange {
    /// Adds units, once for each idempotency key
    Add(CartLine, Option<RequestKey>),
    /// Sets the quantity of a SKU
    Set(Sku, NewQuantity),
    /// Removes all lines
    Clear,
    /// Removes the units of an order, once for each order
    RemoveOrdered(Uuid, Vec<OrderedLine>),
}

impl CartChange {
    fn apply(&self, lines: &mut CartLines) -> Result<(), Rejection> {
        match self {
            Self::Add(line, _) => lines.add(line.clone()),
            Self::Set(sku, quantity) => lines.set(sku.clone(), *quantity),
            Self::Clear => {
                lines.clear();
                Ok(())
            }
            Self::RemoveOrdered(_, ordered) => {
                for line in ordered {
                    lines.remove_ordered(line);
                }
                Ok(())
            }
        }
    }
}

/// The cart versions that a change may be applied to. `None` allows any version.
#[derive(Clone, Debug, Default)]
pub struct ExpectedVersions(pub Option<Vec<u64>>);

impl ExpectedVersions {
    fn check(&self, version: u64) -> Result<(), Rejection> {
        match &self.0 {
            Some(versions) if !versions.contains(&version) => Err(Rejection::VersionMismatch(version)),
            _ => Ok(()),
        }
    }
}

/// The most orders that a cart remembers: far more than are placed while one of them is still to be removed.
const MAX_ORDERS: usize = 64;

/// A cart with the idempotency keys that were used lately, and the orders that were removed from it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct StoredCart {
    /// The cart
    #[serde(flatten)]
    pub cart: Cart,
    #[serde(default, skip_serializing_if = "UsedKeys::is_empty")]
    keys: UsedKeys,
    /// The last orders, oldest first
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    orders: Vec<Uuid>,
}

impl From<Cart> for StoredCart {
    fn from(cart: Cart) -> Self {
        Self {
            cart,
            keys: UsedKeys::default(),
            orders: Vec::new(),
        }
    }
}

impl StoredCart {
    /// Applies a change. `None` if it was applied before, under the same idempotency key or for the same order.
    pub fn changed(
        &self,
        change: &CartChange,
        expected: &ExpectedVersions,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, Rejection> {
        let (mut keys, mut orders) = (self.keys.clone(), self.orders.clone());
        match change {
            CartChange::Add(line, Some(key)) if keys.contains(key, line)? => return Ok(None),
            CartChange::Add(line, Some(key)) => keys.insert(key.clone(), line, now)?,
            CartChange::RemoveOrdered(order, _) if orders.contains(order) => return Ok(None),
            CartChange::RemoveOrdered(order, _) => {
                orders.push(*order);
                orders.drain(..orders.len().saturating_sub(MAX_ORDERS));
            }
            CartChange::Add(_, None) | CartChange::Set(..) | CartChange::Clear => {}
        }
        expected.check(self.cart.version)?;
        let cart = self.cart.changed(now, |lines| change.apply(lines))?;
        Ok(Some(Self { cart, keys, orders }))
    }

    /// Moves all lines of another cart into this one. Returns this cart and the emptied one, or `None` if the other one
    /// is empty already. The version is not checked then, because
    /// [the merge has been done](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1).
    pub fn merged(
        &self,
        from: &Self,
        expected: &ExpectedVersions,
        now: DateTime<Utc>,
    ) -> Result<Option<(Self, Self)>, Rejection> {
        if from.cart.lines.is_empty() {
            return Ok(None);
        }
        expected.check(self.cart.version)?;
        let more = from.cart.lines.clone();
        let merged = self.cart.changed(now, |lines| lines.merge(more))?;
        let emptied = from.cart.changed(now, |lines| CartChange::Clear.apply(lines))?;
        Ok(Some((self.with(merged), from.with(emptied))))
    }

    fn with(&self, cart: Cart) -> Self {
        Self { cart, ..self.clone() }
    }
}
