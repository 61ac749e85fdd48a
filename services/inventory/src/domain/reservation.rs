//! Units that are held for an order.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use values::Malformed;

use super::{AllocationPlan, CreateReservation, LineItem, Location, MovementKind, Shelf, Sku, StockChange};

/// The state of a reservation: `held` (the units are reserved), `committed` (the units have left stock), `released`
/// (the units are available again), or `expired` (it was not committed in time; the units are available again).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReservationStatus {
    /// The units are reserved.
    Held,
    /// The units have left stock.
    Committed,
    /// The units are available again.
    Released,
    /// It was not committed in time; the units are available again.
    Expired,
}

impl ReservationStatus {
    /// Returns the word used in the API and in the database.
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

impl TryFrom<String> for ReservationStatus {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        [Self::Held, Self::Committed, Self::Released, Self::Expired]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(Malformed::Rule("no status of a reservation"))
    }
}

/// Units of one SKU that a reservation holds at one location.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Allocation {
    /// The SKU.
    pub sku: Sku,
    /// The location.
    pub location: Location,
    /// The number of units.
    pub quantity: u32,
}

impl Allocation {
    /// Takes units of a SKU at a location.
    #[must_use]
    pub fn new(shelf: &Shelf, quantity: u32) -> Self {
        Self {
            sku: shelf.sku.clone(),
            location: shelf.location.clone(),
            quantity,
        }
    }

    /// The inventory level that the units belong to.
    #[must_use]
    pub fn shelf(&self) -> Shelf {
        Shelf {
            sku: self.sku.clone(),
            location: self.location.clone(),
        }
    }
}

/// Units that are held for an order until they are committed, released or expire.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Reservation {
    /// The reservation's id.
    pub id: Uuid,
    /// The id of the order.
    pub order: Uuid,
    /// The state of the reservation.
    pub status: ReservationStatus,
    /// The units that were asked for.
    pub lines: Vec<LineItem>,
    /// The location that all units had to come from. Null if any location would do.
    // Stored answers from before there were locations lack this field and the next.
    #[serde(default)]
    pub location: Option<Location>,
    /// Where the units are held, and taken from when the reservation is committed.
    #[serde(default)]
    pub allocations: Vec<Allocation>,
    /// The units that are not in stock yet and are sent later. Empty if there are none.
    #[serde(default)]
    pub backordered: Vec<LineItem>,
    /// When the reservation expires if it is still `held`.
    pub expires_at: DateTime<Utc>,
}

impl Reservation {
    /// Holds the planned units.
    #[must_use]
    pub fn new(request: &CreateReservation, plan: AllocationPlan, id: Uuid, now: DateTime<Utc>) -> Self {
        Self {
            id,
            order: request.order,
            status: ReservationStatus::Held,
            lines: request.lines.clone(),
            location: request.location.clone(),
            allocations: plan.allocations,
            backordered: plan.backordered,
            expires_at: now + TimeDelta::seconds(request.expires_in_seconds.get().into()),
        }
    }

    /// The reservation as it is at a moment: past its time it has expired, whether or not that is recorded yet.
    #[must_use]
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        if self.status == ReservationStatus::Held && self.expires_at <= now {
            self.status = ReservationStatus::Expired;
        }
        self
    }

    /// The stock changes that a movement of all its units makes.
    pub fn changes(&self, kind: MovementKind) -> impl Iterator<Item = StockChange> {
        self.allocations.iter().map(move |allocation| StockChange {
            shelf: allocation.shelf(),
            units: kind.units(allocation.quantity.into()),
            kind,
            order: Some(self.order),
            reservation: Some(self.id),
        })
    }
}
