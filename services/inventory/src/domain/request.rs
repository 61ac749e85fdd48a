//! Request bodies, and the rules they keep.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;
use values::Violation;

use super::{Location, RestockReason, Sku};

/// The most lines that one request may have.
const MAX_LINES: usize = 50;

/// An integer from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "i64")]
pub struct Bounded<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Bounded<MIN, MAX> {
    /// Returns the number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// Splits the number into the part that `available` covers and the rest. A part below `MIN` is `None`.
    #[must_use]
    pub fn split(self, available: u32) -> (Option<Self>, Option<Self>) {
        let part = |number: u32| (number >= MIN).then_some(Self(number));
        (part(self.0.min(available)), part(self.0.saturating_sub(available)))
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<i64> for Bounded<MIN, MAX> {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match u32::try_from(number) {
            Ok(number) if (MIN..=MAX).contains(&number) => Ok(Self(number)),
            _ => Err(format!("must be {MIN} to {MAX}")),
        }
    }
}

/// The units of one line.
pub type Quantity = Bounded<1, 99>;
/// The units on hand at one location.
pub type OnHand = Bounded<0, 1_000_000>;
/// How long units are held, in seconds: at most a day.
pub type HoldSeconds = Bounded<1, 86_400>;

impl Default for HoldSeconds {
    fn default() -> Self {
        Self(900)
    }
}

/// A SKU and a number of units.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct LineItem {
    /// The SKU.
    pub sku: Sku,
    /// The number of units, 1 to 99.
    #[schema(value_type = u32, minimum = 1, maximum = 99)]
    pub quantity: Quantity,
}

/// The units to hold for an order.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CreateReservation {
    /// The id of the order.
    pub order: Uuid,
    /// The units to hold, 1 to 50 lines. Each SKU may appear once.
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<LineItem>,
    /// The location that all units must come from, for an order that is picked up there. Without it, units may come
    /// from any location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// How long the units are held, in seconds. Defaults to 900. A retry with the same idempotency key may send another value.
    #[serde(default, serialize_with = "same_for_all")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 86_400, default = 900)]
    pub expires_in_seconds: HoldSeconds,
}

/// The serialized form is the request's fingerprint: a constant keeps this field out of the comparison, and older
/// fingerprints have this one.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn same_for_all<S: Serializer>(_: &HoldSeconds, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u32(900)
}

impl CreateReservation {
    /// Checks the rules that concern several fields. Empty if none is broken.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        violations(&self.lines)
    }
}

/// The client whose order awaits payment, and how long its units may be held.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct AwaitPayment {
    /// The client that shares are counted by: an IPv4 address, or the /64 network of an IPv6 address.
    #[schema(value_type = String, max_length = 64)]
    pub client: IpAddr,
    /// How long the units may be held from now on, in seconds.
    #[schema(value_type = u32, minimum = 1, maximum = 86_400)]
    pub expires_in_seconds: HoldSeconds,
}

/// The units of an order to return to stock.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CreateRestock {
    /// The id of the order whose units were returned.
    pub order: Uuid,
    /// The returned units, 1 to 50 lines. Each SKU may appear once.
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<LineItem>,
    /// The location that the units are put back at. Defaults to `main`.
    #[serde(default)]
    #[schema(required = false)]
    pub location: Location,
    /// Why the units were returned.
    pub reason: RestockReason,
}

impl CreateRestock {
    /// Checks the rules that concern several fields. Empty if none is broken.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        violations(&self.lines)
    }
}

fn violations(lines: &[LineItem]) -> Vec<Violation> {
    let mut found = Vec::new();
    if lines.is_empty() || lines.len() > MAX_LINES {
        found.push(Violation::new("/lines", "There must be 1 to 50 lines."));
    }
    let mut skus = BTreeSet::new();
    for (index, LineItem { sku, .. }) in lines.iter().enumerate() {
        if !skus.insert(sku) {
            found.push(Violation::new(format!("/lines/{index}/sku"), "This SKU appears twice."));
        }
    }
    found
}
