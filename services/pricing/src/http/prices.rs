//! `/prices`: prices by SKU and currency.

use axum::extract::State;
use axum::http::StatusCode;
use money::Currency;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Query, Repeated};
use utoipa::{IntoParams, ToSchema};
use values::Violation;

use crate::App;
use crate::domain::{Sku, SkuPrice};
use crate::error::Error;
use crate::store;

/// Query parameters of `listPrices`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListPricesQuery {
    /// The SKUs, 1 to 100. Repeat the parameter for several: `sku=a&sku=b`.
    #[param(value_type = Vec<String>, min_items = 1, max_items = 100)]
    sku: Repeated<Sku>,
    /// ISO 4217 currency code.
    currency: Currency,
}

/// A list of prices.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceList {
    /// The prices that exist, in no particular order.
    items: Vec<SkuPrice>,
}

/// Lists prices by SKU in one currency. SKUs without a price in this currency are omitted.
#[utoipa::path(
    get,
    path = "/prices",
    operation_id = "listPrices",
    params(ListPricesQuery),
    responses(
        (status = 200, description = "The prices that exist", body = PriceList, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>, Query(query): Query<ListPricesQuery>) -> Result<Json<PriceList>, Error> {
    let items = store::prices::list(&app.db, &query.sku.0, query.currency).await?;
    Ok(Json(PriceList { items }))
}

/// Creates or replaces the price of a SKU in one currency.
#[utoipa::path(
    put,
    path = "/prices/{sku}",
    operation_id = "updatePrice",
    params(("sku" = Sku, Path, description = "The variant's SKU.")),
    request_body(content = SkuPrice, example = json!(example())),
    responses(
        (status = 200, description = "The price", body = SkuPrice, example = json!(example())),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path(sku): Path<Sku>,
    Json(price): Json<SkuPrice>,
) -> Result<Json<SkuPrice>, Error> {
    let mut violations = price.violations();
    if price.sku != sku {
        violations.push(Violation::new("/sku", "This must be the SKU in the path."));
    }
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    store::prices::update(&app.db, &price).await?;
    Ok(Json(price))
}

/// Query parameters of `deletePrice`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeletePriceQuery {
    /// ISO 4217 code of the currency whose price is deleted. Without it, the prices in all currencies are deleted.
    currency: Option<Currency>,
}

/// Deletes the prices of a SKU. A SKU without a price cannot be quoted.
#[utoipa::path(
    delete,
    path = "/prices/{sku}",
    operation_id = "deletePrice",
    params(("sku" = String, Path, description = "The variant's SKU."), DeletePriceQuery),
    responses(
        (status = 204, description = "The prices were deleted"),
    ),
)]
pub async fn remove(
    State(app): State<App>,
    Path(sku): Path<Sku>,
    Query(DeletePriceQuery { currency }): Query<DeletePriceQuery>,
) -> Result<StatusCode, Error> {
    if store::prices::delete(&app.db, &sku, currency).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound("price"))
    }
}

fn example() -> Value {
    json!({ "sku": "onda-vase-sand", "price": { "minor": 4800, "currency": "EUR" }, "compare_at": null })
}
