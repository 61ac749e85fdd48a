//! The events that inventory publishes. `events/` has one example of each.

use chrono::{DateTime, Utc};
use events::Event;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::Sku;

const STOCK_CHANGED: &str = "inventory.stock-changed.v1";

#[derive(Serialize)]
struct StockChanged<'a> {
    sku: &'a Sku,
    available: i64,
}

/// Says how many units of a SKU are available now, at all locations together.
pub fn stock_changed(sku: &Sku, available: i64, id: Uuid, now: DateTime<Utc>) -> Event {
    let data = StockChanged { sku, available };
    Event::new(STOCK_CHANGED, format!("sku/{sku}"), &data, id, now)
}
