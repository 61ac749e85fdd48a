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

/// How many things a cart holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Count {
    quantity: u32,
}

/// What else the page tells.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct News {
    /// The SKU of what has just been taken out, to be called by its name; what makes no sense is passed over
    removed: Option<String>,
}

/// Gets the cart as it is shown. No cookie, or one that names no cart, means an empty one.
#[utoipa::path(
    get,
    path = "/cart",
    operation_id = "getCart",
    params(News, ("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    responses(
        (status = 200, description = "The cart", body = view::CartPage, example = json!(example_page())),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(
    State(app): State<App>,
    session: Session,
    Query(News { removed }): Query<News>,
) -> Result<Json<view::CartPage>, Error> {
    let (cart, waiting_order) = tokio::join!(session.cart(&app), session.waiting_order(&app));
    let cart = cart?;
    let removed = removed.and_then(|text| Sku::try_from(text).ok()).map(|Sku(sku)| sku);
    let (cart, articles) = look_up(&app, cart.as_ref(), removed.as_deref()).await;
    let page = view::CartPage::new(cart, removed.as_deref(), articles.as_ref(), waiting_order);
    Ok(Json(page))
}

/// Counts what is in the cart; nobody but the cart service is asked.
#[utoipa::path(
    get,
    path = "/cart/count",
    operation_id = "countCart",
    params(("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    responses(
        (status = 200, description = "All lines taken together", body = Count, example = json!({ "quantity": 1 })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn count(State(app): State<App>, session: Session) -> Result<Json<Count>, Error> {
    let cart = session.cart(&app).await?;
    let quantity = cart.map_or(0, |cart| cart.quantity);
    Ok(Json(Count { quantity }))
}

/// The cart with what is known of its lines: names, prices and stock are left out where they do not come in time.
pub(super) async fn show(app: &App, cart: Option<upstream::Cart>) -> view::Cart {
    look_up(app, cart.as_ref(), None).await.0
}

/// The same, and what else catalog knows: of one more thing, too.
async fn look_up(
    app: &App,
    cart: Option<&upstream::Cart>,
    more: Option<&str>,
) -> (view::Cart, Option<upstream::Articles>) {
    let Some(cart) = cart.filter(|cart| !cart.lines.is_empty()) else {
        let articles = match more {
            Some(sku) => app.catalog.articles_soon([sku]).await,
            None => None,
        };
        return (view::Cart::default(), articles);
    };
    let skus = || cart.lines.iter().map(|line| &*line.sku);
    let (articles, prices, stock) = tokio::join!(
        app.catalog.articles_soon(skus().chain(more)),
        app.pricing.prices(skus()),
        app.inventory.stock(&cart.lines),
    );
    let cart = view::Cart::new(cart, articles.as_ref(), prices.as_ref(), stock.as_ref());
    (cart, articles)
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
            "was": null,
            "total": total,
            "available": true,
            "left": null,
            "gone": false,
        }],
        "subtotal": total,
    })
}
