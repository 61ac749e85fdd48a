//! Carts, and the rules they keep.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How long a cart lives after its last change.
pub const LIFE: TimeDelta = TimeDelta::days(30);
/// Lines of one cart, at most.
const LINES: usize = 50;
/// Of one thing, at most.
const UNITS: u32 = 99;

/// Why a value is not what it should be.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(&'static str);

/// A stock keeping unit: the name of what can be bought.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 64)]
pub struct Sku(String);

impl TryFrom<String> for Sku {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let is_group = |group: &str| {
            !group.is_empty()
                && group
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        match text.len() <= 64 && text.split('-').all(is_group) {
            true => Ok(Self(text)),
            false => Err(Malformed(
                "must be at most 64 lower case letters and digits, in groups joined by hyphens",
            )),
        }
    }
}

/// How many of a thing there are in a cart: 1 to 99.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = u32, minimum = 1, maximum = 99)]
pub struct Quantity(u32);

impl Quantity {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<i64> for Quantity {
    type Error = Malformed;

    fn try_from(number: i64) -> Result<Self, Malformed> {
        match u32::try_from(number) {
            Ok(number @ 1..=UNITS) => Ok(Self(number)),
            _ => Err(Malformed("must be 1 to 99")),
        }
    }
}

/// How many of a thing there shall be: a quantity, or none.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = u32, minimum = 0, maximum = 99)]
pub struct Wanted(pub Option<Quantity>);

impl TryFrom<i64> for Wanted {
    type Error = Malformed;

    fn try_from(number: i64) -> Result<Self, Malformed> {
        match number {
            0 => Ok(Self(None)),
            _ => Quantity::try_from(number)
                .map(|quantity| Self(Some(quantity)))
                .map_err(|_| Malformed("must be 0 to 99")),
        }
    }
}

/// So many of a thing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Line {
    /// The thing
    pub sku: Sku,
    /// How many
    pub quantity: Quantity,
}

/// A rule that a change would break.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Violation {
    /// More of one thing than there may be.
    #[error("the cart has {0} of it already, and 99 is the most")]
    TooMany(u32),
    /// More things than there may be.
    #[error("the cart is full: 50 different things are the most")]
    Full,
}

/// What is in a cart, in the order it was put there.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(transparent)]
pub struct Lines(Vec<Line>);

impl Lines {
    /// Puts more of a thing in.
    pub fn add(&mut self, Line { sku, quantity }: Line) -> Result<(), Violation> {
        let already = self.line(&sku).map_or(0, |line| line.quantity.get());
        match already + quantity.get() {
            sum @ 1..=UNITS => self.set(sku, Wanted(Some(Quantity(sum)))),
            _ => Err(Violation::TooMany(already)),
        }
    }

    /// Sees to it that there are so many of a thing.
    pub fn set(&mut self, sku: Sku, wanted: Wanted) -> Result<(), Violation> {
        let Wanted(Some(quantity)) = wanted else {
            self.0.retain(|line| line.sku != sku);
            return Ok(());
        };
        if let Some(line) = self.line(&sku) {
            line.quantity = quantity;
        } else if self.0.len() < LINES {
            self.0.push(Line { sku, quantity });
        } else {
            return Err(Violation::Full);
        }
        Ok(())
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// How many things there are, all taken together.
    fn quantity(&self) -> u32 {
        self.0.iter().map(|line| line.quantity.get()).sum()
    }

    fn line(&mut self, sku: &Sku) -> Option<&mut Line> {
        self.0.iter_mut().find(|line| line.sku == *sku)
    }
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
mod tests {
    use super::*;

    fn sku(number: usize) -> Sku {
        format!("sku-{number}").try_into().unwrap()
    }

    fn cart(lines: impl IntoIterator<Item = (usize, u32)>) -> Cart {
        let line = |(number, quantity)| Line {
            sku: sku(number),
            quantity: Quantity(quantity),
        };
        let empty = Cart::new(Uuid::nil(), DateTime::UNIX_EPOCH);
        let fill = |all: &mut Lines| lines.into_iter().map(line).try_for_each(|line| all.add(line));
        empty.changed(DateTime::UNIX_EPOCH, fill).unwrap()
    }

    #[test]
    fn the_same_thing_is_added_up() {
        let cart = cart([(1, 40), (2, 1), (1, 59)]);
        assert_eq!((cart.lines.0.len(), cart.quantity), (2, 100));
        let one_more = Line {
            sku: sku(1),
            quantity: Quantity(1),
        };
        let refused = cart.changed(DateTime::UNIX_EPOCH, |lines| lines.add(one_more));
        assert_eq!(refused, Err(Violation::TooMany(99)));
    }

    #[test]
    fn a_full_cart_takes_nothing_new() {
        let cart = cart((0..50).map(|number| (number, 1)));
        let set = |number| {
            cart.changed(DateTime::UNIX_EPOCH, |lines| {
                lines.set(sku(number), Wanted(Some(Quantity(2))))
            })
        };
        assert_eq!(set(50), Err(Violation::Full));
        assert_eq!(set(49).unwrap().quantity, 51);
    }

    #[test]
    fn the_version_counts_changes_of_the_lines() {
        let cart = cart([(1, 1)]);
        let set = |wanted: i64| {
            let wanted = wanted.try_into().unwrap();
            let cart = cart.changed(DateTime::UNIX_EPOCH, |lines| lines.set(sku(1), wanted));
            cart.unwrap().version
        };
        assert_eq!([set(1), set(2), set(0)], [1, 2, 2]);
    }

    #[test]
    fn a_cart_lives_for_thirty_days() {
        let cart = cart([]);
        let after = |time: TimeDelta| cart.is_alive(DateTime::UNIX_EPOCH + time);
        assert!(after(LIFE - TimeDelta::microseconds(1)));
        assert!(!after(LIFE));
    }
}
