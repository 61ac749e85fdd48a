//! `/prices`

use axum::extract::State;
use axum::http::StatusCode;
use money::Currency;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Query, Repeated};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::domain::{Item, Sku, Violation};
use crate::error::Error;
use crate::store;

/// Which prices.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Those of these SKUs, 1 to 100: `sku=a&sku=b`
    #[param(value_type = Vec<String>, min_items = 1, max_items = 100)]
    sku: Repeated<Sku>,
    /// Those in this currency, by its ISO 4217 code
    currency: Currency,
}

/// The prices that were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Prices {
    items: Vec<Item>,
}

/// Finds prices by SKU; unknown ones are absent.
#[utoipa::path(
    get,
    path = "/prices",
    operation_id = "listPrices",
    params(Filter),
    responses(
        (status = 200, description = "Those that exist", body = Prices, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>, Query(filter): Query<Filter>) -> Result<Json<Prices>, Error> {
    let items = store::prices::list(&app.db, &filter.sku.0, filter.currency).await?;
    Ok(Json(Prices { items }))
}

/// Sets a SKU's price in one currency.
#[utoipa::path(
    put,
    path = "/prices/{sku}",
    operation_id = "updatePrice",
    params(("sku" = Sku, Path)),
    request_body(content = Item, example = json!(example())),
    responses(
        (status = 200, description = "The price", body = Item, example = json!(example())),
    ),
)]
pub async fn update(State(app): State<App>, Path(sku): Path<Sku>, Json(item): Json<Item>) -> Result<Json<Item>, Error> {
    let mut violations = item.violations();
    if item.sku != sku {
        violations.push(Violation::new("/sku", "This must be the SKU in the address."));
    }
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    store::prices::update(&app.db, &item).await?;
    Ok(Json(item))
}

/// Which of a SKU's prices.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// That in this currency, by its ISO 4217 code; all of them without it
    currency: Option<Currency>,
}

/// Takes a SKU's prices away: without one it cannot be bought.
#[utoipa::path(
    delete,
    path = "/prices/{sku}",
    operation_id = "removePrice",
    params(("sku" = String, Path), Which),
    responses(
        (status = 204, description = "It is gone"),
    ),
)]
pub async fn remove(
    State(app): State<App>,
    Path(sku): Path<Sku>,
    Query(Which { currency }): Query<Which>,
) -> Result<StatusCode, Error> {
    if store::prices::remove(&app.db, &sku, currency).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound("price"))
    }
}

fn example() -> Value {
    json!({ "sku": "onda-vase-sand", "price": { "minor": 4800, "currency": "EUR" }, "compare_at": null })
}
