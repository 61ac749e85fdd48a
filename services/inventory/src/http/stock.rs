//! `/stock`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Query, Repeated};
use utoipa::{IntoParams, ToSchema};
use values::Violation;

use crate::App;
use crate::domain::{Backorder, Location, OnHand, Shelf, Sku, Stock};
use crate::error::Error;
use crate::store;
use crate::store::counts::StockUpdate;

/// The SKUs to look up.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListStockQuery {
    /// The SKUs, 1 to 100: `sku=a&sku=b`.
    #[param(value_type = Vec<String>, min_items = 1, max_items = 100)]
    pub(super) sku: Repeated<Sku>,
}

/// The stock of several SKUs.
#[derive(Debug, Serialize, ToSchema)]
pub struct StockList {
    /// One item for each SKU that has stock, sorted by SKU.
    items: Vec<Stock>,
}

/// Where the units were counted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UpdateStockQuery {
    /// The location that `on_hand` was counted at. Defaults to `main`.
    #[serde(default)]
    #[param(value_type = Option<Location>)]
    location: Location,
}

/// The new count and policy of a SKU. Fields that are left out do not change; at least one besides `sku` is required.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateStock {
    /// The SKU. It must equal the one in the path.
    sku: Sku,
    /// The units on hand at the location, including those reserved for orders.
    #[schema(value_type = Option<u32>, maximum = 1_000_000)]
    on_hand: Option<OnHand>,
    /// Whether units are counted. If false, any quantity can be bought. True for a new SKU. Applies to all locations.
    tracked: Option<bool>,
    /// Whether the SKU can be bought when no unit is available. `deny` for a new SKU. Applies to all locations.
    backorder: Option<Backorder>,
}

/// Lists the stock of SKUs.
///
/// SKUs without stock are left out.
#[utoipa::path(
    get,
    path = "/stock",
    operation_id = "listStock",
    params(ListStockQuery),
    responses(
        (status = 200, description = "The stock of these SKUs", body = StockList, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>, Query(query): Query<ListStockQuery>) -> Result<Json<StockList>, Error> {
    let items = store::stock::list(&app.db, &query.sku.0, app.clock.now()).await?;
    Ok(Json(StockList { items }))
}

/// Gets the stock of a SKU.
#[utoipa::path(
    get,
    path = "/stock/{sku}",
    operation_id = "getStock",
    params(("sku" = Sku, Path, description = "The SKU.")),
    responses(
        (status = 200, description = "The stock of the SKU", body = Stock, example = json!(example())),
    ),
)]
pub async fn get(State(app): State<App>, Path(sku): Path<Sku>) -> Result<Json<Stock>, Error> {
    let stock = store::stock::find(&app.db, &sku, app.clock.now()).await?;
    stock.map(Json).ok_or(Error::NotFound("SKU"))
}

/// Updates the stock of a SKU, or creates it.
///
/// Sets the units counted at one location, and whether stock limits what can be sold.
#[utoipa::path(
    put,
    path = "/stock/{sku}",
    operation_id = "updateStock",
    params(("sku" = Sku, Path, description = "The SKU."), UpdateStockQuery),
    request_body(content = UpdateStock, example = json!({ "sku": "onda-vase-sand", "on_hand": 12 })),
    responses(
        (status = 200, description = "The stock of the SKU", body = Stock, example = json!(example())),
    ),
    extensions(("x-problems" = json!(["reserved"]))),
)]
pub async fn update(
    State(app): State<App>,
    Path(sku): Path<Sku>,
    Query(UpdateStockQuery { location }): Query<UpdateStockQuery>,
    Json(body): Json<UpdateStock>,
) -> Result<Json<Stock>, Error> {
    if body.sku != sku {
        return Err(Violation::new("/sku", "This must be the SKU in the address.").into());
    }
    let UpdateStock {
        on_hand,
        tracked,
        backorder,
        ..
    } = body;
    if on_hand.is_none() && tracked.is_none() && backorder.is_none() {
        return Err(Violation::new("/on_hand", "Send at least one of on_hand, tracked and backorder.").into());
    }
    let (shelf, now) = (Shelf { sku, location }, app.clock.now());
    let update = StockUpdate {
        on_hand,
        tracked,
        backorder,
    };
    store::counts::update(&app.batch, &shelf, update, now).await?;
    let stock = store::stock::find(&app.db, &shelf.sku, now).await?;
    stock.map(Json).ok_or(Error::NotFound("SKU"))
}

/// Deletes the stock of a SKU.
///
/// The count becomes zero at all locations, and the SKU cannot be bought. A later update creates the stock again.
#[utoipa::path(
    delete,
    path = "/stock/{sku}",
    operation_id = "deleteStock",
    params(("sku" = String, Path, description = "The SKU.")),
    responses(
        (status = 204, description = "The stock is deleted"),
    ),
    extensions(("x-problems" = json!(["reserved"]))),
)]
pub async fn remove(State(app): State<App>, Path(sku): Path<Sku>) -> Result<StatusCode, Error> {
    if store::counts::delete(&app.batch, &sku, app.clock.now()).await? {
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
