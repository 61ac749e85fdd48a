//! `/cart`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Query};
use utoipa::{IntoParams, ToSchema};

use super::session::Session;
use super::values::Sku;
use crate::App;
use crate::error::Error;
use crate::{upstream, view};

/// The number of items in a cart.
#[derive(Debug, Serialize, ToSchema)]
pub struct CartCount {
    /// Number of items in all lines together
    quantity: u32,
}

/// Query of `getCart`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CartQuery {
    /// SKU of an item that was just removed, to get its name; a value that is no SKU is ignored
    removed: Option<String>,
}

/// Gets the cart as shown to the shopper.
///
/// Without the cookie, or with one that names no existing cart, the cart is empty.
#[utoipa::path(
    get,
    path = "/cart",
    operation_id = "getCart",
    params(CartQuery, ("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    responses(
        (status = 200, description = "The cart page", body = view::CartPage, example = json!(example_page())),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(
    State(app): State<App>,
    session: Session,
    Query(CartQuery { removed }): Query<CartQuery>,
) -> Result<Json<view::CartPage>, Error> {
    let (cart, waiting_order) = tokio::join!(session.cart(&app), session.waiting_order(&app));
    let cart = cart?;
    let removed = removed.and_then(|text| Sku::try_from(text).ok());
    let removed = removed.as_ref().map(Sku::as_str);
    let (cart, variants) = load(&app, cart.as_ref(), removed).await;
    let page = view::CartPage::new(cart, removed, variants.as_ref(), waiting_order);
    Ok(Json(page))
}

/// Counts the items in the cart.
///
/// Calls the cart service alone.
#[utoipa::path(
    get,
    path = "/cart/count",
    operation_id = "countCart",
    params(("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    responses(
        (status = 200, description = "The number of items", body = CartCount, example = json!({ "quantity": 1 })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn count(State(app): State<App>, session: Session) -> Result<Json<CartCount>, Error> {
    let cart = session.cart(&app).await?;
    let quantity = cart.map_or(0, |cart| cart.quantity);
    Ok(Json(CartCount { quantity }))
}

/// The view of a cart. Names, prices and stock are left out if they do not arrive in time.
pub(super) async fn show(app: &App, cart: Option<upstream::Cart>) -> view::Cart {
    load(app, cart.as_ref(), None).await.0
}

/// The view of a cart, and the variants of its lines and of one more SKU.
async fn load(
    app: &App,
    cart: Option<&upstream::Cart>,
    other_sku: Option<&str>,
) -> (view::Cart, Option<upstream::Variants>) {
    let Some(cart) = cart.filter(|cart| !cart.lines.is_empty()) else {
        let variants = match other_sku {
            Some(sku) => app.catalog.optional_variants([sku]).await,
            None => None,
        };
        return (view::Cart::default(), variants);
    };
    let skus = || cart.lines.iter().map(|line| &*line.sku);
    let (variants, prices, stock) = tokio::join!(
        app.catalog.optional_variants(skus().chain(other_sku)),
        app.pricing.prices(skus()),
        app.inventory.stock(&cart.lines),
    );
    let cart = view::Cart::new(cart, variants.as_ref(), prices.as_ref(), stock.as_ref());
    (cart, variants)
}

fn example_page() -> Value {
    let mut page = example(1);
    page["removed"] = Value::Null;
    page["waiting_order"] = Value::Null;
    page
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
            "picture": "onda-vase-sand",
            "quantity": quantity,
            "unit_price": { "minor": 4800, "currency": "EUR" },
            "previous_price": null,
            "total": total,
            "available": true,
            "remaining": null,
            "discontinued": false,
        }],
        "subtotal": total,
    })
}
