//! `/stock`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Problem, Query};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::domain::{Location, OnHand, Shelf, Sku, Stock, Violation};
use crate::error::Error;
use crate::store;

/// Which stock.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// That of these SKUs, 1 to 100 joined by commas
    #[param(value_type = String, pattern = "^[^,]*(,[^,]*){0,99}$")]
    pub(super) sku: Skus,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Skus(pub(super) Vec<Sku>);

impl TryFrom<String> for Skus {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        // What cannot be a SKU is one that nothing has: absent from the answer, like every unknown one.
        let skus: Vec<Sku> = text
            .split(',')
            .filter_map(|sku| sku.to_owned().try_into().ok())
            .collect();
        if skus.len() > 100 {
            Err("at most 100 SKUs")
        } else {
            Ok(Self(skus))
        }
    }
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

/// What was counted.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Count {
    /// Of what
    sku: Sku,
    /// Units on the shelf, those that are held for orders among them
    #[schema(value_type = u32, maximum = 1_000_000)]
    on_hand: OnHand,
}

/// Finds stock by SKU; unknown ones are absent.
#[utoipa::path(
    get,
    path = "/stock",
    operation_id = "listStock",
    params(Filter),
    responses(
        (status = 200, body = List, example = json!({ "items": [example()] })),
        (status = 400, body = Problem, content_type = "application/problem+json"),
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
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get(State(app): State<App>, Path(sku): Path<Sku>) -> Result<Json<Stock>, Error> {
    let stock = store::stock::find(&app.db, &sku, app.clock.now()).await?;
    stock.map(Json).ok_or(Error::NotFound("SKU"))
}

/// Sets how many there are at a location, after counting.
#[utoipa::path(
    put,
    path = "/stock/{sku}",
    operation_id = "updateStock",
    params(("sku" = Sku, Path), Place),
    request_body(content = Count, example = json!({ "sku": "onda-vase-sand", "on_hand": 12 })),
    responses(
        (status = 200, body = Stock, example = json!(example())),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "`reserved`: more units than that are held for orders"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path(sku): Path<Sku>,
    Query(Place { location }): Query<Place>,
    Json(count): Json<Count>,
) -> Result<Json<Stock>, Error> {
    if count.sku != sku {
        return Err(Violation::new("/sku", "must be the one in the address").into());
    }
    let (shelf, now) = (Shelf { sku, location }, app.clock.now());
    store::stock::update(&app.batch, &shelf, count.on_hand, now).await?;
    let stock = store::stock::find(&app.db, &shelf.sku, now).await?;
    stock.map(Json).ok_or(Error::NotFound("SKU"))
}

fn example() -> Value {
    json!({
        "sku": "onda-vase-sand", "on_hand": 12, "reserved": 0, "available": 12,
        "locations": [{ "location": "main", "on_hand": 12, "reserved": 0, "available": 12 }],
    })
}
