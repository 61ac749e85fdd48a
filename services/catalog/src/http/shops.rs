//! `/shops`: where one can walk in.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Query};
use utoipa::{IntoParams, ToSchema};

use super::removed;
use crate::App;
use crate::domain::{Country, Shop, Slug, Violation};
use crate::error::Error;
use crate::store;

/// Which shops.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Those in this country, by its ISO 3166-1 code
    #[param(value_type = Option<String>, pattern = "^[A-Z]{2}$")]
    country: Option<Country>,
}

/// Shops by position.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shops {
    items: Vec<Shop>,
}

/// Lists the shops in their order.
#[utoipa::path(
    get,
    path = "/shops",
    operation_id = "listShops",
    params(Filter),
    responses(
        (status = 200, description = "All of them", body = Shops, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>, Query(filter): Query<Filter>) -> Result<Json<Shops>, Error> {
    let items = store::shops::list(&app.db, filter.country.as_ref()).await?;
    Ok(Json(Shops { items }))
}

/// Gets a shop.
#[utoipa::path(
    get,
    path = "/shops/{slug}",
    operation_id = "getShop",
    params(("slug" = String, Path)),
    responses(
        (status = 200, description = "The shop", body = Shop, example = json!(example())),
    ),
)]
pub async fn get(State(app): State<App>, Path(slug): Path<Slug>) -> Result<Json<Shop>, Error> {
    let shop = store::shops::find(&app.db, &slug).await?;
    shop.map(Json).ok_or(Error::NotFound("shop"))
}

/// Creates or replaces a shop.
#[utoipa::path(
    put,
    path = "/shops/{slug}",
    operation_id = "updateShop",
    params(("slug" = String, Path)),
    request_body(content = Shop, example = json!(example())),
    responses(
        (status = 200, description = "The shop", body = Shop, example = json!(example())),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path(slug): Path<Slug>,
    Json(shop): Json<Shop>,
) -> Result<Json<Shop>, Error> {
    let mut violations = shop.violations();
    if shop.slug != slug {
        violations.push(Violation::new("/slug", "This must be the slug in the address."));
    }
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    store::shops::update(&app.db, &shop).await?;
    Ok(Json(shop))
}

/// Takes a shop away.
#[utoipa::path(
    delete,
    path = "/shops/{slug}",
    operation_id = "removeShop",
    params(("slug" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
    ),
)]
pub async fn remove(State(app): State<App>, Path(slug): Path<Slug>) -> Result<StatusCode, Error> {
    removed(store::shops::remove(&app.db, &slug).await?, "shop")
}

fn example() -> Value {
    json!({
        "slug": "berlin",
        "name": "Stoa Berlin",
        "address": { "line1": "Auguststraße 26", "postal_code": "10117", "city": "Berlin", "country": "DE" },
        "hours": [
            { "days": "Tuesday to Friday", "hours": "11:00–19:00" },
            { "days": "Saturday", "hours": "10:00–18:00" },
        ],
        "note": "The door is in the courtyard.",
        "latitude": 52.5265,
        "longitude": 13.3945,
        "position": 1,
    })
}
