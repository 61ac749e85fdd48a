//! What is asked for.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Location, Reason, Sku};

/// Lines of one request, at most.
const LINES: usize = 50;

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

impl<const MIN: u32, const MAX: u32> Within<MIN, MAX> {
    /// As many of these as there are, if there are any; and what is missing, if anything is.
    #[must_use]
    pub fn split(self, left: u32) -> (Option<Self>, Option<Self>) {
        let part = |number: u32| (number >= MIN).then_some(Self(number));
        (part(self.0.min(left)), part(self.0.saturating_sub(left)))
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

impl Default for Seconds {
    fn default() -> Self {
        Self(900)
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
    /// Where all of it has to be, for someone who fetches it there; from anywhere without it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// For how long. Not compared: whoever asks again under the same key may have another patience by now
    #[serde(default, serialize_with = "as_ever")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 86_400, default = 900)]
    pub expires_in_seconds: Seconds,
}

/// What is compared is the wish as it is written down, and this is what stood in all of them.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn as_ever<S: Serializer>(_: &Seconds, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u32(900)
}

impl Request {
    /// The rules that its fields break taken together, none where it is sound.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        violations(&self.lines)
    }
}

/// Whose order has not been paid yet.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Wait {
    /// The client, as shares are counted: an address of IPv4, a /64 network of IPv6
    #[schema(value_type = String, max_length = 64)]
    pub client: IpAddr,
    /// For how long its units may be held from now on
    #[schema(value_type = u32, minimum = 1, maximum = 86_400)]
    pub expires_in_seconds: Seconds,
}

/// Units that an order took and that have come back.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Return {
    /// Of which order
    pub order: Uuid,
    /// What, no SKU twice
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<Line>,
    /// Where they are now
    #[serde(default)]
    #[schema(required = false)]
    pub location: Location,
    /// Why they came back, for people
    pub reason: Reason,
}

impl Return {
    /// The rules that its fields break taken together, none where it is sound.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        violations(&self.lines)
    }
}

fn violations(lines: &[Line]) -> Vec<Violation> {
    let mut found = Vec::new();
    if lines.is_empty() || lines.len() > LINES {
        found.push(Violation::new("/lines", "There must be 1 to 50 lines."));
    }
    let mut skus = BTreeSet::new();
    for (index, Line { sku, .. }) in lines.iter().enumerate() {
        if !skus.insert(sku) {
            found.push(Violation::new(
                format!("/lines/{index}/sku"),
                "This SKU is there twice.",
            ));
        }
    }
    found
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
