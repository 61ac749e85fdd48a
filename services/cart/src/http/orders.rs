//! `/carts/{id}/orders`: what was ordered leaves the cart.

use axum::extract::State;
use serde::Deserialize;
use service::{Json, Path};
use utoipa::ToSchema;
use uuid::Uuid;

use super::conditions::CartWithEtag;
use super::example;
use crate::App;
use crate::domain::{Cart, CartChange, ExpectedVersions, OrderedLine};
use crate::error::Error;

/// The lines of an order.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RecordOrder {
    /// The ordered units, at most 50 lines.
    #[schema(value_type = Vec<OrderedLine>, max_items = 50)]
    lines: OrderedLines,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<OrderedLine>")]
struct OrderedLines(Vec<OrderedLine>);

impl TryFrom<Vec<OrderedLine>> for OrderedLines {
    type Error = &'static str;

    fn try_from(lines: Vec<OrderedLine>) -> Result<Self, &'static str> {
        match lines.len() {
            ..=50 => Ok(Self(lines)),
            _ => Err("must be at most 50"),
        }
    }
}

/// Removes the units of an order from a cart, once for each order.
///
/// Units that were added since the order was placed stay, and lines that are no longer in the cart are ignored.
#[utoipa::path(
    put,
    path = "/carts/{id}/orders/{order}",
    operation_id = "recordOrder",
    params(
        ("id" = Uuid, Path, description = "The cart's id."),
        ("order" = Uuid, Path, description = "The order's id. A repeated request with the same id changes nothing."),
    ),
    request_body(content = RecordOrder, example = json!({ "lines": [{ "sku": "onda-vase-sand", "quantity": 1 }] })),
    responses(
        (
            status = 200, description = "The changed cart", body = Cart,
            headers(("etag" = String, description = "The cart's version, for `if-match`")), example = json!(example(&[("onda-vase-sand", 1)], 3)),
        ),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path((id, order)): Path<(Uuid, Uuid)>,
    Json(RecordOrder {
        lines: OrderedLines(lines),
    }): Json<RecordOrder>,
) -> Result<CartWithEtag, Error> {
    let change = CartChange::RemoveOrdered(order, lines);
    let cart = app.store.update(id, app.now(), change, ExpectedVersions::default());
    Ok(CartWithEtag(cart.await?))
}
