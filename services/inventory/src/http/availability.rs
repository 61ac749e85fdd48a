//! `/availability`

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use service::{Poll, Query};
use utoipa::ToSchema;

use super::stock::Filter;
use crate::App;
use crate::domain::{Backorder, Sku, Stock};
use crate::error::Error;
use crate::store;

/// How much of what can be had.
#[derive(Debug, Serialize, ToSchema)]
pub struct Availabilities {
    items: Vec<Availability>,
}

/// How many of one SKU are for everybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct Availability {
    /// Of what
    sku: Sku,
    /// So many, at all locations together
    available: u32,
    /// Whether units are counted; what is not can always be bought
    tracked: bool,
    /// Whether it may be bought when none is left
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

/// Finds how many of each SKU can be had; unknown ones are absent. Whoever names the `etag` of what they have seen may
/// wait for the next change.
#[utoipa::path(
    get,
    path = "/availability",
    operation_id = "listAvailability",
    params(
        Filter,
        Poll,
    ),
    responses(
        (status = 200, body = Availabilities, headers(("etag" = String, description = "Names this state of them")), example = json!({ "items": [{ "sku": "onda-vase-sand", "available": 12, "tracked": true, "backorder": "deny" }] })),
        (status = 304, description = "They are as they were seen"),
    ),
)]
pub async fn list(State(app): State<App>, Query(filter): Query<Filter>, mut poll: Poll) -> Result<Response, Error> {
    // Heard from here on: what happens between a look and the waiting is not missed.
    let mut news = app.outbox.news();
    loop {
        let stock = store::stock::list(&app.db, &filter.sku.0, app.clock.now()).await?;
        let items = stock.into_iter().map(Availability::from).collect();
        if let Some(answer) = poll.answer(&Availabilities { items }) {
            return Ok(answer);
        }
        poll.wait(news.heard()).await;
    }
}
