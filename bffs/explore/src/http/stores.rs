//! `/stores`: the page of the shops.

use axum::extract::State;
use service::Json;

use crate::App;
use crate::error::Error;
use crate::view::stores::{Shop, StoresPage};

/// Gets the page of the shops.
#[utoipa::path(
    get,
    path = "/stores",
    operation_id = "getStores",
    responses(
        (status = 200, description = "The shops", body = StoresPage, example = json!({ "shops": [{
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
        }] })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>) -> Result<Json<StoresPage>, Error> {
    let shops = app.catalog.shops().await?;
    Ok(Json(StoresPage {
        shops: shops.into_iter().map(Shop::from).collect(),
    }))
}
