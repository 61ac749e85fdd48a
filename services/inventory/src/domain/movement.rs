//! The ledger: what happened to the stock, and what that adds up to.

use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Location, Malformed, Shelf, Sku};

/// What can happen to units.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody counted, and there were more or fewer than thought.
    Counted,
    /// They wait for an order.
    Reserved,
    /// The order did not want them.
    Released,
    /// The order did not come in time.
    Expired,
    /// They have left the shelf.
    Shipped,
    /// They came back.
    Restocked,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Counted,
        Self::Reserved,
        Self::Released,
        Self::Expired,
        Self::Shipped,
        Self::Restocked,
    ];

    /// As it is written down.
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

    /// What it changes when it happens to so many units; after counting it may be fewer than none.
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

impl TryFrom<String> for Kind {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        kind.ok_or(Malformed("no kind of movement"))
    }
}

/// Units on a shelf, or by how much they change.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ToSchema)]
pub struct Units {
    /// Those on the shelf
    pub on_hand: i64,
    /// Those of them that are held for orders
    pub reserved: i64,
}

impl Units {
    /// Those that are for everybody.
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

/// One change of one shelf, and its cause.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which shelf
    pub shelf: Shelf,
    /// What happens
    pub kind: Kind,
    /// By how much
    pub units: Units,
    /// For which order, if for any
    pub order: Option<Uuid>,
    /// For which reservation, if for any
    pub reservation: Option<Uuid>,
}

/// A change that happened, as it stands in the ledger.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Movement {
    /// Its name; those of one SKU are in the order in which they happened
    pub id: Uuid,
    /// What moved
    pub sku: Sku,
    /// Where
    pub location: Location,
    /// What happened
    pub kind: Kind,
    /// To how many units
    pub quantity: u64,
    /// By how much that changed what is on the shelf
    pub on_hand: i64,
    /// By how much that changed what is held for orders
    pub reserved: i64,
    /// For which order, if for any
    pub order: Option<Uuid>,
    /// For which reservation, if for any
    pub reservation: Option<Uuid>,
    /// When
    pub at: DateTime<Utc>,
}

/// Stock that is not what it should be. There should be none of these.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Difference {
    /// Of what
    pub sku: Sku,
    /// Where; of all locations together without it
    pub location: Option<Location>,
    /// What stock says
    pub stock: Units,
    /// What the ledger adds up to
    pub ledger: Units,
    /// How many units there are reservations for
    pub held: i64,
}

impl Difference {
    /// Whether all of them say the same.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.stock == self.ledger && self.stock.reserved == self.held
    }
}
