//! `/add-to-cart`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use service::{Json, Query};
use utoipa::{IntoParams, ToSchema};

use super::values::Sku;
use crate::App;

/// Of a cart's line, at most.
const MOST: u32 = 99;

/// Which thing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// Its SKU
    #[param(value_type = String)]
    sku: Sku,
}

/// Whether a thing can be put into the cart.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offer {
    /// The thing
    sku: String,
    /// Whether it can be bought; where nobody knows, an order will tell
    available: bool,
    /// How many of it at most
    quantity_limit: u32,
}

/// Gets what the button on a product's page must know. Inventory is waited for 150 ms.
#[utoipa::path(
    get,
    path = "/add-to-cart",
    operation_id = "getAddToCart",
    params(Choice),
    responses(
        (status = 200, description = "Whether it can be bought", body = Offer, example = json!({
            "sku": "onda-vase-sand", "available": true, "quantity_limit": 12,
        })),
    ),
)]
pub async fn get(State(app): State<App>, Query(Choice { sku }): Query<Choice>) -> Json<Offer> {
    let left = app.inventory.available(&sku.0).await.unwrap_or(MOST);
    Json(Offer {
        sku: sku.0,
        available: left > 0,
        quantity_limit: left.min(MOST),
    })
}
