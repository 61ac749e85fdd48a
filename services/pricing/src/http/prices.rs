//! `/prices`

use axum::extract::State;
use money::Currency;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Problem, Query};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::domain::{Item, Sku, Violation};
use crate::error::Error;
use crate::store;

/// Which prices.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Those of these SKUs, 1 to 100 joined by commas
    #[param(value_type = String, pattern = "^[^,]*(,[^,]*){0,99}$")]
    sku: Skus,
    /// Those in this currency, by its ISO 4217 code
    currency: Currency,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Skus(Vec<Sku>);

impl TryFrom<String> for Skus {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        // What cannot be a SKU is one that nothing has: absent from the answer, like every unknown one.
        let skus: Vec<Sku> = text
            .split(',')
            .filter_map(|sku| sku.to_owned().try_into().ok())
            .collect();
        if skus.len() > 100 {
            Err("must be at most 100 SKUs")
        } else {
            Ok(Self(skus))
        }
    }
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
        (status = 400, description = "A parameter is not valid", body = Problem, content_type = "application/problem+json"),
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
        (status = 422, description = "Fields are not valid", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(State(app): State<App>, Path(sku): Path<Sku>, Json(item): Json<Item>) -> Result<Json<Item>, Error> {
    if item.sku != sku {
        return Err(Violation::new("/sku", "must be the one in the address").into());
    }
    store::prices::update(&app.db, &item).await?;
    Ok(Json(item))
}

fn example() -> Value {
    json!({ "sku": "onda-vase-sand", "price": { "minor": 4800, "currency": "EUR" } })
}
