//! Units of an order that were returned to stock.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CreateRestock, LineItem, Location, MovementKind, RestockReason, Shelf, StockChange};

/// Units of an order that were returned. Those that were shipped are in stock again; units of untracked SKUs and units
/// that were still backordered change no stock.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Restock {
    /// The restock's id.
    pub id: Uuid,
    /// The id of the order whose units were returned.
    pub order: Uuid,
    /// The returned units.
    pub lines: Vec<LineItem>,
    /// The location that the units were put back at.
    pub location: Location,
    /// Why the units were returned.
    pub reason: RestockReason,
    /// When the units were put back.
    pub restocked_at: DateTime<Utc>,
}

impl Restock {
    /// Accepts the returned units.
    #[must_use]
    pub fn new(request: &CreateRestock, id: Uuid, now: DateTime<Utc>) -> Self {
        Self {
            id,
            order: request.order,
            lines: request.lines.clone(),
            location: request.location.clone(),
            reason: request.reason.clone(),
            restocked_at: now,
        }
    }

    /// The stock changes that it makes.
    pub fn changes(&self) -> impl Iterator<Item = StockChange> {
        self.lines.iter().map(|line| StockChange {
            shelf: Shelf {
                sku: line.sku.clone(),
                location: self.location.clone(),
            },
            units: MovementKind::Restocked.units(line.quantity.get().into()),
            kind: MovementKind::Restocked,
            order: Some(self.order),
            reservation: None,
        })
    }
}
