//! What a store keeps of a cart, and what becomes of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::Keys;
use super::{Bought, Cart, Key, Line, Lines, Sku, Violation, Wanted};

/// A change of the lines.
#[derive(Clone, Debug)]
pub enum Change {
    /// Puts more of a thing in, once for each key
    Add(Line, Option<Key>),
    /// Sees to it that there are so many of a thing
    Set(Sku, Wanted),
    /// Takes everything out
    Clear,
    /// Takes out what an order has bought, once for each order
    Buy(Uuid, Vec<Bought>),
}

impl Change {
    fn apply(&self, lines: &mut Lines) -> Result<(), Violation> {
        match self {
            Self::Add(line, _) => lines.add(line.clone()),
            Self::Set(sku, wanted) => lines.set(sku.clone(), *wanted),
            Self::Clear => {
                lines.clear();
                Ok(())
            }
            Self::Buy(_, bought) => {
                for bought in bought {
                    lines.take(bought);
                }
                Ok(())
            }
        }
    }
}

/// The versions of a cart that a change is meant for; any, where nothing was said.
#[derive(Clone, Debug, Default)]
pub struct Expected(pub Option<Vec<u64>>);

impl Expected {
    fn check(&self, version: u64) -> Result<(), Violation> {
        match &self.0 {
            Some(versions) if !versions.contains(&version) => Err(Violation::Stale(version)),
            _ => Ok(()),
        }
    }
}

/// Orders that a cart remembers: nobody places so many while one of them is still to be taken out.
const ORDERS: usize = 64;

/// A cart, the keys of what was put in lately, and the orders that have taken out of it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Entry {
    /// The cart
    #[serde(flatten)]
    pub cart: Cart,
    #[serde(default, skip_serializing_if = "Keys::is_empty")]
    keys: Keys,
    /// The last ones, the oldest first
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    orders: Vec<Uuid>,
}

impl From<Cart> for Entry {
    fn from(cart: Cart) -> Self {
        Self {
            cart,
            keys: Keys::default(),
            orders: Vec::new(),
        }
    }
}

impl Entry {
    /// The entry after a change; none where it is done already, under the same key.
    pub fn changed(&self, change: &Change, expected: &Expected, now: DateTime<Utc>) -> Result<Option<Self>, Violation> {
        let (mut keys, mut orders) = (self.keys.clone(), self.orders.clone());
        match change {
            Change::Add(line, Some(key)) if keys.know(key, line)? => return Ok(None),
            Change::Add(line, Some(key)) => keys.remember(key.clone(), line, now)?,
            Change::Buy(order, _) if orders.contains(order) => return Ok(None),
            Change::Buy(order, _) => {
                orders.push(*order);
                orders.drain(..orders.len().saturating_sub(ORDERS));
            }
            Change::Add(_, None) | Change::Set(..) | Change::Clear => {}
        }
        expected.check(self.cart.version)?;
        let cart = self.cart.changed(now, |lines| change.apply(lines))?;
        Ok(Some(Self { cart, keys, orders }))
    }

    /// This one with all that is in another, and that one empty; none where it is empty already. An unmet
    /// expectation is no matter then: what was wanted [has been done](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1).
    pub fn merged(
        &self,
        from: &Self,
        expected: &Expected,
        now: DateTime<Utc>,
    ) -> Result<Option<(Self, Self)>, Violation> {
        if from.cart.lines.is_empty() {
            return Ok(None);
        }
        expected.check(self.cart.version)?;
        let more = from.cart.lines.clone();
        let full = self.cart.changed(now, |lines| lines.merge(more))?;
        let empty = from.cart.changed(now, |lines| Change::Clear.apply(lines))?;
        Ok(Some((self.with(full), from.with(empty))))
    }

    fn with(&self, cart: Cart) -> Self {
        Self { cart, ..self.clone() }
    }
}
