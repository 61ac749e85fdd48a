//! Units that are held for an order, those that it took, and those that came back.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Change, Kind, Line, Location, Malformed, Plan, Reason, Request, Return, Shelf, Sku};

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

/// Units of one SKU at one location.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Allocation {
    /// Of what
    pub sku: Sku,
    /// Where
    pub location: Location,
    /// How many
    pub quantity: u32,
}

impl Allocation {
    /// So many units from this shelf.
    #[must_use]
    pub fn new(shelf: &Shelf, quantity: u32) -> Self {
        Self {
            sku: shelf.sku.clone(),
            location: shelf.location.clone(),
            quantity,
        }
    }

    /// Where the units are.
    #[must_use]
    pub fn shelf(&self) -> Shelf {
        Shelf {
            sku: self.sku.clone(),
            location: self.location.clone(),
        }
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
    /// Where all of it had to be, if the order said so
    // Answers that were kept before there were locations have neither this nor the next.
    #[serde(default)]
    pub location: Option<Location>,
    /// Where it is held, and taken from
    #[serde(default)]
    pub allocations: Vec<Allocation>,
    /// What is not there yet, and is sent later
    #[serde(default)]
    pub backordered: Vec<Line>,
    /// Until when
    pub expires_at: DateTime<Utc>,
}

impl Reservation {
    /// Fulfils a wish.
    #[must_use]
    pub fn new(request: &Request, plan: Plan, id: Uuid, now: DateTime<Utc>) -> Self {
        Self {
            id,
            order: request.order,
            status: Status::Held,
            lines: request.lines.clone(),
            location: request.location.clone(),
            allocations: plan.allocations,
            backordered: plan.backordered,
            expires_at: now + TimeDelta::seconds(request.expires_in_seconds.get().into()),
        }
    }

    /// As it is at a moment: what was not settled in time has expired, noted down or not.
    #[must_use]
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        if self.status == Status::Held && self.expires_at <= now {
            self.status = Status::Expired;
        }
        self
    }

    /// What happens to all of its units.
    pub fn changes(&self, kind: Kind) -> impl Iterator<Item = Change> {
        self.allocations.iter().map(move |allocation| Change {
            shelf: allocation.shelf(),
            units: kind.units(allocation.quantity.into()),
            kind,
            order: Some(self.order),
            reservation: Some(self.id),
        })
    }
}

/// Units that came back and are for everybody again.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Restock {
    /// Its name
    pub id: Uuid,
    /// Of which order
    pub order: Uuid,
    /// What came back
    pub lines: Vec<Line>,
    /// Where it is
    pub location: Location,
    /// Why it came back, for people
    pub reason: Reason,
    /// When
    pub restocked_at: DateTime<Utc>,
}

impl Restock {
    /// Takes units back.
    #[must_use]
    pub fn new(goods: &Return, id: Uuid, now: DateTime<Utc>) -> Self {
        Self {
            id,
            order: goods.order,
            lines: goods.lines.clone(),
            location: goods.location.clone(),
            reason: goods.reason.clone(),
            restocked_at: now,
        }
    }

    /// What happens to its units.
    pub fn changes(&self) -> impl Iterator<Item = Change> {
        self.lines.iter().map(|line| Change {
            shelf: Shelf {
                sku: line.sku.clone(),
                location: self.location.clone(),
            },
            units: Kind::Restocked.units(line.quantity.get().into()),
            kind: Kind::Restocked,
            order: Some(self.order),
            reservation: None,
        })
    }
}
