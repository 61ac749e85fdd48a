//! `/carts/{id}/orders`: what has been bought is no longer to be bought.

use axum::extract::State;
use serde::Deserialize;
use service::{Json, Path};
use utoipa::ToSchema;
use uuid::Uuid;

use super::example;
use super::terms::Tagged;
use crate::App;
use crate::domain::{Bought, Cart, Change, Expected};
use crate::error::Error;

/// What an order has bought.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Purchase {
    /// So many of each thing
    #[schema(value_type = Vec<Bought>, max_items = 50)]
    lines: Things,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<Bought>")]
struct Things(Vec<Bought>);

impl TryFrom<Vec<Bought>> for Things {
    type Error = &'static str;

    fn try_from(things: Vec<Bought>) -> Result<Self, &'static str> {
        match things.len() {
            ..=50 => Ok(Self(things)),
            _ => Err("must be at most 50"),
        }
    }
}

/// Takes out what an order has bought, once for each order. What was put in since stays, also of the same thing; what
/// is no longer there is out already.
#[utoipa::path(
    put,
    path = "/carts/{id}/orders/{order}",
    operation_id = "updateOrder",
    params(
        ("id" = Uuid, Path),
        ("order" = Uuid, Path, description = "The order's id: told again, nothing changes"),
    ),
    request_body(content = Purchase, example = json!({ "lines": [{ "sku": "onda-vase-sand", "quantity": 1 }] })),
    responses(
        (
            status = 200, description = "The cart", body = Cart,
            headers(("etag" = String, description = "Its version")), example = json!(example(&[("onda-vase-sand", 1)], 3)),
        ),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path((id, order)): Path<(Uuid, Uuid)>,
    Json(Purchase { lines: Things(lines) }): Json<Purchase>,
) -> Result<Tagged, Error> {
    let change = Change::Buy(order, lines);
    let cart = app.store.update(id, app.now(), change, Expected::default());
    Ok(Tagged(cart.await?))
}
