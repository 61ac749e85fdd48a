//! What inventory tells the world. One example is kept in `events/`.

use chrono::{DateTime, Utc};
use events::Event;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::Sku;

const STOCK_CHANGED: &str = "inventory.stock-changed.v1";

#[derive(Serialize)]
struct Facts<'a> {
    sku: &'a Sku,
    available: i64,
}

/// So many units of a SKU are for everybody now, at all locations together.
pub fn stock_changed(sku: &Sku, available: i64, id: Uuid, now: DateTime<Utc>) -> Event {
    Event::new(STOCK_CHANGED, format!("sku/{sku}"), &Facts { sku, available }, id, now)
}
