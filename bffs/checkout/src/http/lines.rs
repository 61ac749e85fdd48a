//! `/cart/lines`. Every change returns the whole cart.

use axum::extract::{FromRequestParts, State};
use axum::http::HeaderName;
use axum::http::request::Parts;
use serde::Deserialize;
use service::{CallError, IdempotencyKey, Json, Problem, Query};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use values::Violation;

use super::cart::{example, show};
use super::session::{self, Session};
use super::values::{Quantity, Sku};
use crate::App;
use crate::error::Error;
use crate::{upstream, view};

/// A request to add an item to the cart.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AddLine {
    /// SKU
    sku: Sku,
    /// Quantity to add, 1 to 99
    #[schema(value_type = u32, minimum = 1, maximum = 99)]
    quantity: Quantity<1>,
}

/// A request to set the quantity of a line.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateLine {
    /// SKU of the line
    sku: Sku,
    /// New quantity, 0 to 99; 0 removes the line
    #[schema(value_type = u32, maximum = 99)]
    quantity: Quantity<0>,
}

/// Query of `deleteLine`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeleteLineQuery {
    /// SKU of the line
    #[param(value_type = String)]
    sku: Sku,
}

/// The caller's idempotency key, or a generated one, so that the call to the cart service can be repeated in any case.
pub struct KeyOrGenerated(String);

impl<S: Send + Sync> FromRequestParts<S> for KeyOrGenerated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if !parts.headers.contains_key(IdempotencyKey::HEADER) {
            return Ok(Self(Uuid::new_v4().to_string()));
        }
        let key = IdempotencyKey::from_request_parts(parts, state).await?;
        Ok(Self(key.as_str().to_owned()))
    }
}

/// Adds an item to the cart.
///
/// Creates the cart if there is none. If the cart has the item already, the quantities are added.
#[utoipa::path(
    post,
    path = "/cart/lines",
    operation_id = "createLine",
    params(
        ("idempotency-key" = Option<String>, Header, description = "Requests with the same key add the item once"),
        ("cookie" = Option<String>, Header, description = "`cart=<id>`"),
    ),
    request_body(content = AddLine, example = json!({ "sku": "onda-vase-sand", "quantity": 1 })),
    responses(
        (
            status = 200, description = "The cart", body = view::Cart,
            headers(("set-cookie" = String, description = "`cart=<id>`, valid for 30 days")),
            example = json!(example(1)),
        ),
    ),
    extensions(("x-problems" = json!(["too-many-requests", "unavailable"]))),
)]
pub async fn create(
    State(app): State<App>,
    Session(id): Session,
    KeyOrGenerated(key): KeyOrGenerated,
    Json(AddLine { sku, quantity }): Json<AddLine>,
) -> Result<([(HeaderName, String); 1], Json<view::Cart>), Error> {
    let (is_on_sale, prices) = tokio::join!(app.catalog.is_on_sale(sku.as_str()), app.pricing.prices([sku.as_str()]));
    if !is_on_sale? {
        return Err(not_for_sale("We do not sell this item."));
    }
    let unit_price = prices.as_ref().and_then(|prices| prices.get(sku.as_str()));
    if prices.is_some() && unit_price.is_none() {
        return Err(not_for_sale("This item is not for sale right now."));
    }
    let item = upstream::LineItem {
        sku: sku.to_string(),
        quantity: quantity.0,
    };
    let request = upstream::AddLine::new(item, unit_price, key);
    let existing = match id {
        Some(id) => app.carts.add_line(id, &request).await.map_err(rejected)?,
        None => None,
    };
    let cart = match existing {
        Some(cart) => cart,
        None => create_cart(&app, &request).await?,
    };
    let cookie = session::cookie(cart.id);
    Ok(([cookie], Json(show(&app, Some(cart)).await)))
}

fn not_for_sale(detail: &'static str) -> Error {
    Error::from(Violation::new("/sku", detail))
}

/// Creates a cart with its first line.
async fn create_cart(app: &App, request: &upstream::AddLine) -> Result<upstream::Cart, Error> {
    app.rate_limits.carts.check_client()?;
    let cart = app.carts.create().await?;
    let cart = app.carts.add_line(cart.id, request).await.map_err(rejected)?;
    cart.ok_or(Error::NotFound("cart"))
}

/// Sets the quantity of a line in the cart.
#[utoipa::path(
    put,
    path = "/cart/lines",
    operation_id = "updateLine",
    params(("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    request_body(content = UpdateLine, example = json!({ "sku": "onda-vase-sand", "quantity": 2 })),
    responses(
        (status = 200, description = "The cart", body = view::Cart, example = json!(example(2))),
    ),
    extensions(("x-problems" = json!(["not-found", "unavailable"]))),
)]
pub async fn update(
    State(app): State<App>,
    session: Session,
    Json(UpdateLine { sku, quantity }): Json<UpdateLine>,
) -> Result<(CookieHeader, Json<view::Cart>), Error> {
    let cart = session.cart(&app).await?.ok_or(Error::NotFound("line in the cart"))?;
    // The cart service accepts any SKU, but catalog has only been asked about those that are in the cart.
    if !cart.lines.iter().any(|line| line.sku == sku.as_str()) {
        return Err(Error::NotFound("line in the cart"));
    }
    let cart = app.carts.update_line(cart.id, sku.as_str(), quantity.0).await;
    let cart = cart.map_err(rejected)?;
    Ok((renewed_cookie(cart.as_ref()), Json(show(&app, cart).await)))
}

type CookieHeader = Option<[(HeaderName, String); 1]>;

/// The cookie lives as long as its cart: for 30 days after the last change.
fn renewed_cookie(cart: Option<&upstream::Cart>) -> CookieHeader {
    cart.map(|cart| [session::cookie(cart.id)])
}

/// Removes a line from the cart.
///
/// Succeeds as well if the cart has no such line.
#[utoipa::path(
    delete,
    path = "/cart/lines",
    operation_id = "deleteLine",
    params(DeleteLineQuery, ("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    responses(
        (status = 200, description = "The cart", body = view::Cart, example = json!({ "quantity": 0, "lines": [], "subtotal": null })),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn remove(
    State(app): State<App>,
    Session(id): Session,
    Query(DeleteLineQuery { sku }): Query<DeleteLineQuery>,
) -> Result<(CookieHeader, Json<view::Cart>), Error> {
    let cart = match id {
        Some(id) => app.carts.delete_line(id, sku.as_str()).await?,
        None => None,
    };
    Ok((renewed_cookie(cart.as_ref()), Json(show(&app, cart).await)))
}

/// The cart service's rejection. Islands show the `detail`, so the first field's detail is copied there.
fn rejected(error: CallError) -> Error {
    match Error::rejected(error, |pointer| Some(pointer.to_owned())) {
        Error::Rejected(mut problem) => {
            if let Some(field) = problem.errors.first() {
                problem.detail.clone_from(&field.detail);
            }
            Error::Rejected(problem)
        }
        other => other,
    }
}
