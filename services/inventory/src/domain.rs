//! Stock and reservations, and the rules they keep.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Lines of one reservation, at most.
const LINES: usize = 50;

/// Why a value is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(&'static str);

/// A stock keeping unit: the name of what can be bought.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 64)]
pub struct Sku(String);

impl Sku {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sku {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let is_group = |group: &str| {
            !group.is_empty()
                && group
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if text.len() <= 64 && text.split('-').all(is_group) {
            return Ok(Self(text));
        }
        Err(Malformed(
            "must be at most 64 lower case letters and digits, in groups joined by hyphens",
        ))
    }
}

impl fmt::Display for Sku {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "i64")]
pub struct Within<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Within<MIN, MAX> {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<i64> for Within<MIN, MAX> {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match u32::try_from(number) {
            Ok(number) if (MIN..=MAX).contains(&number) => Ok(Self(number)),
            _ => Err(format!("must be {MIN} to {MAX}")),
        }
    }
}

/// How many units a line asks for.
pub type Quantity = Within<1, 99>;
/// How many units stand on the shelf.
pub type OnHand = Within<0, 1_000_000>;
/// For how long units are held, in seconds: a day at most.
pub type Seconds = Within<1, 86_400>;

/// How many there are of one SKU.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Stock {
    /// Of what
    pub sku: Sku,
    /// Units on the shelf
    pub on_hand: u32,
    /// Those of them that are held for orders
    pub reserved: u32,
    /// Those that are for everybody
    pub available: u32,
}

impl Stock {
    /// Stock as counted.
    #[must_use]
    pub fn new(sku: Sku, on_hand: u32, reserved: u32) -> Self {
        let available = on_hand.saturating_sub(reserved);
        Self {
            sku,
            on_hand,
            reserved,
            available,
        }
    }
}

/// So many units of one SKU.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Line {
    /// Of what
    pub sku: Sku,
    /// How many
    #[schema(value_type = u32, minimum = 1, maximum = 99)]
    pub quantity: Quantity,
}

/// A wish to hold units for an order.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Request {
    /// For which order
    pub order: Uuid,
    /// What, no SKU twice
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<Line>,
    /// For how long
    #[serde(default = "a_quarter_of_an_hour")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 86_400, default = 900)]
    pub expires_in_seconds: Seconds,
}

fn a_quarter_of_an_hour() -> Seconds {
    Within(900)
}

impl Request {
    /// The rules that its fields break taken together, none where it is sound.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        if self.lines.is_empty() || self.lines.len() > LINES {
            found.push(Violation::new("/lines", "must be 1 to 50 lines"));
        }
        let mut skus = BTreeSet::new();
        for (index, Line { sku, .. }) in self.lines.iter().enumerate() {
            if !skus.insert(sku) {
                found.push(Violation::new(format!("/lines/{index}/sku"), "this SKU is there twice"));
            }
        }
        found
    }

    /// The reservation that fulfils the wish.
    #[must_use]
    pub fn held(&self, id: Uuid, now: DateTime<Utc>) -> Reservation {
        Reservation {
            id,
            order: self.order,
            status: Status::Held,
            lines: self.lines.clone(),
            expires_at: now + TimeDelta::seconds(self.expires_in_seconds.get().into()),
        }
    }
}

/// A rule that a field breaks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Where, as a JSON pointer: `/lines/0/sku`
    pub pointer: String,
    /// What is wrong, for people
    pub detail: &'static str,
}

impl Violation {
    /// A broken rule.
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: &'static str) -> Self {
        Self {
            pointer: pointer.into(),
            detail,
        }
    }
}

/// A line that asks for more than there is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Shortage {
    /// Which line, from 0
    pub line: usize,
    /// How many it could have
    pub left: u32,
}

/// For people: `only 2 left`.
impl fmt::Display for Shortage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.left {
            0 => formatter.write_str("none left"),
            left => write!(formatter, "only {left} left"),
        }
    }
}

/// What has become of a reservation.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The units wait for the order.
    Held,
    /// The units have left the shelf.
    Committed,
    /// The order did not want them after all.
    Released,
    /// The order did not come in time.
    Expired,
}

impl Status {
    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Committed => "committed",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }
}

impl TryFrom<String> for Status {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        [Self::Held, Self::Committed, Self::Released, Self::Expired]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(Malformed("no status of a reservation"))
    }
}

/// Units that are held for an order.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Reservation {
    /// Its name
    pub id: Uuid,
    /// For which order
    pub order: Uuid,
    /// What has become of it
    pub status: Status,
    /// What is held
    pub lines: Vec<Line>,
    /// Until when
    pub expires_at: DateTime<Utc>,
}

impl Reservation {
    /// As it is at a moment: what was not settled in time has expired, noted down or not.
    #[must_use]
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        if self.status == Status::Held && self.expires_at <= now {
            self.status = Status::Expired;
        }
        self
    }
}

#[cfg(test)]
mod tests;
