//! `/shops`: physical shops.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Query};
use utoipa::{IntoParams, ToSchema};
use values::{CountryCode, Slug, Violation};

use super::deleted;
use crate::App;
use crate::domain::Shop;
use crate::error::Error;
use crate::store;

/// Query parameters of `listShops`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListShopsQuery {
    /// Returns only shops in this country, an ISO 3166-1 alpha-2 code.
    #[param(value_type = Option<String>, pattern = "^[A-Z]{2}$")]
    country: Option<CountryCode>,
}

/// A list of shops.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShopList {
    /// The shops, ordered by position.
    items: Vec<Shop>,
}

/// Lists the shops, ordered by position.
#[utoipa::path(
    get,
    path = "/shops",
    operation_id = "listShops",
    params(ListShopsQuery),
    responses(
        (status = 200, description = "The shops", body = ShopList, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>, Query(query): Query<ListShopsQuery>) -> Result<Json<ShopList>, Error> {
    let items = store::shops::list(&app.db, query.country.as_ref()).await?;
    Ok(Json(ShopList { items }))
}

/// Gets a shop.
#[utoipa::path(
    get,
    path = "/shops/{slug}",
    operation_id = "getShop",
    params(("slug" = String, Path, description = "The shop's slug.")),
    responses(
        (status = 200, description = "The shop", body = Shop, example = json!(example())),
    ),
)]
pub async fn get(State(app): State<App>, Path(slug): Path<Slug>) -> Result<Json<Shop>, Error> {
    let shop = store::shops::find(&app.db, &slug).await?;
    shop.map(Json).ok_or(Error::NotFound("shop"))
}

/// Creates a shop or replaces it.
#[utoipa::path(
    put,
    path = "/shops/{slug}",
    operation_id = "updateShop",
    params(("slug" = String, Path, description = "The shop's slug.")),
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
        violations.push(Violation::new("/slug", "This must be the slug in the path."));
    }
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    store::shops::update(&app.db, &shop).await?;
    Ok(Json(shop))
}

/// Deletes a shop.
#[utoipa::path(
    delete,
    path = "/shops/{slug}",
    operation_id = "deleteShop",
    params(("slug" = String, Path, description = "The shop's slug.")),
    responses(
        (status = 204, description = "The shop was deleted"),
    ),
)]
pub async fn remove(State(app): State<App>, Path(slug): Path<Slug>) -> Result<StatusCode, Error> {
    deleted(store::shops::delete(&app.db, &slug).await?, "shop")
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
