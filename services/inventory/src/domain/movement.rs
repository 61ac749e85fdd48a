//! The ledger: every change of stock, and the check that it adds up.

use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use values::Malformed;

use super::{Location, Shelf, Sku};

/// Why stock changed: `counted` (a stock count found more or fewer units), `reserved` (held for an order), `released`
/// (the reservation was released), `expired` (the reservation was not committed in time), `shipped` (the reservation
/// was committed), or `restocked` (returned units).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// A stock count found more or fewer units.
    Counted,
    /// Units were held for an order.
    Reserved,
    /// The reservation was released.
    Released,
    /// The reservation was not committed in time.
    Expired,
    /// The reservation was committed.
    Shipped,
    /// Units were returned.
    Restocked,
}

impl MovementKind {
    const ALL: [Self; 6] = [
        Self::Counted,
        Self::Reserved,
        Self::Released,
        Self::Expired,
        Self::Shipped,
        Self::Restocked,
    ];

    /// Returns the word used in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Reserved => "reserved",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Shipped => "shipped",
            Self::Restocked => "restocked",
        }
    }

    /// How a movement of `quantity` units changes stock. Only a count may have a negative quantity.
    #[must_use]
    pub fn units(self, quantity: i64) -> Units {
        let (on_hand, reserved) = match self {
            Self::Counted | Self::Restocked => (quantity, 0),
            Self::Reserved => (0, quantity),
            Self::Released | Self::Expired => (0, -quantity),
            Self::Shipped => (-quantity, -quantity),
        };
        Units { on_hand, reserved }
    }
}

impl TryFrom<String> for MovementKind {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        kind.ok_or(Malformed::Rule("no kind of movement"))
    }
}

/// Units on hand and reserved, or by how much they change.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ToSchema)]
pub struct Units {
    /// Units on hand, including reserved ones.
    pub on_hand: i64,
    /// Units on hand that are reserved for orders.
    pub reserved: i64,
}

impl Units {
    /// The units that can be reserved.
    #[must_use]
    pub fn available(self) -> i64 {
        self.on_hand - self.reserved
    }
}

impl AddAssign for Units {
    fn add_assign(&mut self, other: Self) {
        self.on_hand += other.on_hand;
        self.reserved += other.reserved;
    }
}

/// A change of one inventory level that is to be made, and its cause.
#[derive(Clone, Debug)]
pub struct StockChange {
    /// What changes
    pub shelf: Shelf,
    /// Why
    pub kind: MovementKind,
    /// By how much
    pub units: Units,
    /// The order that caused it, if any
    pub order: Option<Uuid>,
    /// The reservation that caused it, if any
    pub reservation: Option<Uuid>,
}

/// A change of stock in the ledger. It is never changed or deleted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Movement {
    /// The movement's id. The ids of one SKU's movements are in the order in which they happened.
    pub id: Uuid,
    /// The SKU.
    pub sku: Sku,
    /// The location.
    pub location: Location,
    /// Why stock changed.
    pub kind: MovementKind,
    /// The number of units moved.
    pub quantity: u64,
    /// The change of the units on hand, positive or negative.
    pub on_hand: i64,
    /// The change of the reserved units, positive or negative.
    pub reserved: i64,
    /// The id of the order that caused the movement. Null if none did.
    pub order: Option<Uuid>,
    /// The id of the reservation that caused the movement. Null if none did.
    pub reservation: Option<Uuid>,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// A SKU whose stock disagrees with the ledger or with the open reservations. There should be none.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerDifference {
    /// The SKU.
    pub sku: Sku,
    /// The location. Null for the total of all locations.
    pub location: Option<Location>,
    /// The recorded stock.
    pub stock: Units,
    /// The sum of the ledger's movements.
    pub ledger: Units,
    /// The units that open reservations hold. It should equal `stock.reserved`.
    pub held: i64,
}

impl LedgerDifference {
    /// Whether stock, ledger and reservations agree.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.stock == self.ledger && self.stock.reserved == self.held
    }
}
