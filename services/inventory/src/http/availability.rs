//! `/availability`

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use service::{LongPoll, Query};
use utoipa::ToSchema;

use super::stock::ListStockQuery;
use crate::App;
use crate::domain::{Backorder, Sku, Stock};
use crate::error::Error;
use crate::store;

/// The availability of several SKUs.
#[derive(Debug, Serialize, ToSchema)]
pub struct AvailabilityList {
    /// One item for each SKU that has stock, sorted by SKU.
    items: Vec<Availability>,
}

/// How many units of one SKU can be bought.
#[derive(Debug, Serialize, ToSchema)]
pub struct Availability {
    /// The SKU.
    sku: Sku,
    /// Units that can be reserved now, at all locations together.
    available: u32,
    /// Whether units are counted. If false, any quantity can be bought.
    tracked: bool,
    /// Whether the SKU can be bought when no unit is available.
    backorder: Backorder,
}

impl From<Stock> for Availability {
    fn from(stock: Stock) -> Self {
        Self {
            sku: stock.sku,
            available: stock.available,
            tracked: stock.tracked,
            backorder: stock.backorder,
        }
    }
}

/// Lists the availability of SKUs, or waits for it to change.
///
/// SKUs without stock are left out. A request with `if-none-match` and `prefer: wait=…` is answered when the availability
/// changes.
#[utoipa::path(
    get,
    path = "/availability",
    operation_id = "listAvailability",
    params(
        ListStockQuery,
        LongPoll,
    ),
    responses(
        (
            status = 200, description = "The availability of these SKUs", body = AvailabilityList,
            headers(("etag" = String, description = "Identifies this state, for `if-none-match`")),
            example = json!({ "items": [{ "sku": "onda-vase-sand", "available": 12, "tracked": true, "backorder": "deny" }] }),
        ),
        (status = 304, description = "Nothing has changed since the state that `if-none-match` names"),
    ),
)]
pub async fn list(
    State(app): State<App>,
    Query(query): Query<ListStockQuery>,
    mut poll: LongPoll,
) -> Result<Response, Error> {
    // Subscribed before the first look, so that no change in between is missed.
    let mut changes = app.outbox.changes();
    loop {
        let stock = store::stock::list(&app.db, &query.sku.0, app.clock.now()).await?;
        let items = stock.into_iter().map(Availability::from).collect();
        if let Some(answer) = poll.answer(&AvailabilityList { items }) {
            return Ok(answer);
        }
        poll.wait(changes.changed()).await;
    }
}
