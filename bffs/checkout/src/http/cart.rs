//! `/cart`

use axum::extract::State;
use serde::Serialize;
use serde_json::{Value, json};
use service::{Json, Problem};
use utoipa::ToSchema;

use super::session::Session;
use crate::App;
use crate::error::Error;
use crate::{upstream, view};

/// How many things a cart holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Count {
    quantity: u32,
}

/// Gets the cart as it is shown. No cookie, or one that names no cart, means an empty one.
#[utoipa::path(
    get,
    path = "/cart",
    operation_id = "getCart",
    params(("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    responses(
        (status = 200, description = "The cart", body = view::Cart, example = json!(example(1))),
        (status = 503, description = "Cart does not answer", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get(State(app): State<App>, session: Session) -> Result<Json<view::Cart>, Error> {
    let cart = session.cart(&app).await?;
    Ok(Json(show(&app, cart).await))
}

/// Counts what is in the cart; nobody but the cart service is asked.
#[utoipa::path(
    get,
    path = "/cart/count",
    operation_id = "countCart",
    params(("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    responses(
        (status = 200, description = "All lines taken together", body = Count, example = json!({ "quantity": 1 })),
        (status = 503, description = "Cart does not answer", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn count(State(app): State<App>, session: Session) -> Result<Json<Count>, Error> {
    let cart = session.cart(&app).await?;
    let quantity = cart.map_or(0, |cart| cart.quantity);
    Ok(Json(Count { quantity }))
}

/// The cart with what is known of its lines: names, prices and stock are left out where they do not come in time.
pub(super) async fn show(app: &App, cart: Option<upstream::Cart>) -> view::Cart {
    let lines = cart.map(|cart| cart.lines).unwrap_or_default();
    if lines.is_empty() {
        return view::Cart::default();
    }
    let (articles, prices, stock) = tokio::join!(
        app.catalog.articles_soon(&lines),
        app.pricing.prices(&lines),
        app.inventory.stock(&lines),
    );
    view::Cart::new(&lines, articles.as_ref(), &prices, stock.as_ref())
}

pub(super) fn example(quantity: i64) -> Value {
    let total = json!({ "minor": 4800 * quantity, "currency": "EUR" });
    json!({
        "quantity": quantity,
        "lines": [{
            "sku": "onda-vase-sand",
            "slug": "onda-vase",
            "name": "Onda vase",
            "label": "Sand",
            "picture": "onda-vase",
            "quantity": quantity,
            "unit_price": { "minor": 4800, "currency": "EUR" },
            "total": total,
            "available": true,
            "left": null,
        }],
        "subtotal": total,
    })
}
