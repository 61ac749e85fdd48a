//! `/add-to-cart`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use service::{Json, Query};
use utoipa::{IntoParams, ToSchema};

use super::values::Sku;
use crate::App;

/// The most that a line of a cart holds.
const MAX_QUANTITY: u32 = 99;

/// Query of `getAddToCart`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AddToCartQuery {
    /// SKU
    #[param(value_type = String)]
    sku: Sku,
}

/// Whether a SKU can be added to the cart.
#[derive(Debug, Serialize, ToSchema)]
pub struct Availability {
    /// SKU
    sku: String,
    /// Whether it can be bought. True if stock is unknown: an order checks it again
    available: bool,
    /// The largest quantity that can be added, at most 99
    quantity_limit: u32,
}

/// Gets the availability of a SKU.
///
/// For the add-to-cart form. Inventory has 150 ms to answer.
#[utoipa::path(
    get,
    path = "/add-to-cart",
    operation_id = "getAddToCart",
    params(AddToCartQuery),
    responses(
        (status = 200, description = "The availability", body = Availability, example = json!({
            "sku": "onda-vase-sand", "available": true, "quantity_limit": 12,
        })),
    ),
)]
pub async fn get(State(app): State<App>, Query(AddToCartQuery { sku }): Query<AddToCartQuery>) -> Json<Availability> {
    let sellable = app.inventory.sellable(sku.as_str()).await.unwrap_or(MAX_QUANTITY);
    Json(Availability {
        sku: sku.to_string(),
        available: sellable > 0,
        quantity_limit: sellable.min(MAX_QUANTITY),
    })
}
