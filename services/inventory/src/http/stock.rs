//! `/stock`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Query, Repeated};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::domain::{Backorder, Location, OnHand, Shelf, Sku, Stock, Violation};
use crate::error::Error;
use crate::store;

/// Which stock.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// That of these SKUs, 1 to 100: `sku=a&sku=b`
    #[param(value_type = Vec<String>, min_items = 1, max_items = 100)]
    pub(super) sku: Repeated<Sku>,
}

/// The stock that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct List {
    items: Vec<Stock>,
}

/// Where it was counted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Place {
    /// At this location, `main` without it
    #[serde(default)]
    #[param(value_type = Option<Location>)]
    location: Location,
}

/// What was counted, and what may be sold; what is not there stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Count {
    /// Of what
    sku: Sku,
    /// Units on the shelf, those that are held for orders among them
    #[schema(value_type = Option<u32>, maximum = 1_000_000)]
    on_hand: Option<OnHand>,
    /// Whether units are counted: what is not tracked can always be bought. Of a new SKU they are
    tracked: Option<bool>,
    /// Whether it may be bought when none is left. Of a new SKU it may not
    backorder: Option<Backorder>,
}

/// Finds stock by SKU; unknown ones are absent.
#[utoipa::path(
    get,
    path = "/stock",
    operation_id = "listStock",
    params(Filter),
    responses(
        (status = 200, body = List, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>, Query(filter): Query<Filter>) -> Result<Json<List>, Error> {
    let items = store::stock::list(&app.db, &filter.sku.0, app.clock.now()).await?;
    Ok(Json(List { items }))
}

/// Gets the stock of a SKU.
#[utoipa::path(
    get,
    path = "/stock/{sku}",
    operation_id = "getStock",
    params(("sku" = Sku, Path)),
    responses(
        (status = 200, body = Stock, example = json!(example())),
    ),
)]
pub async fn get(State(app): State<App>, Path(sku): Path<Sku>) -> Result<Json<Stock>, Error> {
    let stock = store::stock::find(&app.db, &sku, app.clock.now()).await?;
    stock.map(Json).ok_or(Error::NotFound("SKU"))
}

/// Sets how many there are at a location, after counting; and for all locations, what may be sold.
#[utoipa::path(
    put,
    path = "/stock/{sku}",
    operation_id = "updateStock",
    params(("sku" = Sku, Path), Place),
    request_body(content = Count, example = json!({ "sku": "onda-vase-sand", "on_hand": 12 })),
    responses(
        (status = 200, body = Stock, example = json!(example())),
    ),
    extensions(("x-problems" = json!(["reserved"]))),
)]
pub async fn update(
    State(app): State<App>,
    Path(sku): Path<Sku>,
    Query(Place { location }): Query<Place>,
    Json(count): Json<Count>,
) -> Result<Json<Stock>, Error> {
    if count.sku != sku {
        return Err(Violation::new("/sku", "This must be the SKU in the address.").into());
    }
    let Count {
        on_hand,
        tracked,
        backorder,
        ..
    } = count;
    if on_hand.is_none() && tracked.is_none() && backorder.is_none() {
        return Err(Violation::new("/on_hand", "Send at least one of on_hand, tracked and backorder.").into());
    }
    let (shelf, now) = (Shelf { sku, location }, app.clock.now());
    let update = store::stock::Update {
        on_hand,
        tracked,
        backorder,
    };
    store::stock::update(&app.batch, &shelf, update, now).await?;
    let stock = store::stock::find(&app.db, &shelf.sku, now).await?;
    stock.map(Json).ok_or(Error::NotFound("SKU"))
}

/// Takes a SKU's stock out: none of it is left, and it cannot be bought. To count it again brings it back.
#[utoipa::path(
    delete,
    path = "/stock/{sku}",
    operation_id = "removeStock",
    params(("sku" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
    ),
    extensions(("x-problems" = json!(["reserved"]))),
)]
pub async fn remove(State(app): State<App>, Path(sku): Path<Sku>) -> Result<StatusCode, Error> {
    if store::stock::remove(&app.batch, &sku, app.clock.now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound("SKU"))
    }
}

fn example() -> Value {
    json!({
        "sku": "onda-vase-sand", "on_hand": 12, "reserved": 0, "available": 12, "tracked": true, "backorder": "deny",
        "locations": [{ "location": "main", "on_hand": 12, "reserved": 0, "available": 12 }],
    })
}
