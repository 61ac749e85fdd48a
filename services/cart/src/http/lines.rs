//! `/carts/{id}/lines`: every change is answered with the whole cart.

use axum::extract::State;
use serde::Deserialize;
use service::{Json, Path};
use utoipa::ToSchema;
use uuid::Uuid;

use super::conditions::{CartWithEtag, IfMatch, OptionalKey};
use super::example;
use crate::App;
use crate::domain::{Cart, CartChange, CartLine, NewQuantity, Quantity, Sku, UnitPrice};
use crate::error::Error;

/// The units to add to a cart.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AddLine {
    /// The SKU.
    sku: Sku,
    /// The number of units to add, 1 to 99. The line may have at most 99 units in total.
    quantity: Quantity,
    /// The current price of one unit. It is kept if the line has no price yet, so that a later price change can be shown.
    /// It is never charged.
    unit_price: Option<UnitPrice>,
}

impl From<AddLine> for CartLine {
    fn from(added: AddLine) -> Self {
        Self {
            sku: added.sku,
            quantity: added.quantity,
            unit_price: added.unit_price,
        }
    }
}

/// The new quantity of a line.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateLine {
    /// The number of units, 0 to 99. 0 removes the line.
    quantity: NewQuantity,
}

/// Adds units of a SKU to a cart.
#[utoipa::path(
    post,
    path = "/carts/{id}/lines",
    operation_id = "createLine",
    params(
        ("id" = Uuid, Path, description = "The cart's id."),
        OptionalKey,
        IfMatch,
    ),
    request_body(content = AddLine, example = json!({
        "sku": "onda-vase-sand", "quantity": 1, "unit_price": { "minor": 4800, "currency": "EUR" },
    })),
    responses(
        (
            status = 200, description = "The changed cart", body = Cart,
            headers(("etag" = String, description = "The cart's version, for `if-match`")), example = json!(example(&[("onda-vase-sand", 1)], 1)),
        ),
    ),
    extensions(("x-problems" = json!(["if-match", "idempotency-key-reused", "not-ready", "too-fast", "version-mismatch"]))),
)]
pub async fn create(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    OptionalKey(key): OptionalKey,
    IfMatch(expected): IfMatch,
    Json(line): Json<AddLine>,
) -> Result<CartWithEtag, Error> {
    let change = CartChange::Add(line.into(), key);
    Ok(CartWithEtag(app.store.update(id, app.now(), change, expected).await?))
}

/// Sets the quantity of a SKU in a cart.
///
/// Adds the line if it is missing, and removes it if the quantity is 0.
#[utoipa::path(
    put,
    path = "/carts/{id}/lines/{sku}",
    operation_id = "updateLine",
    params(
        ("id" = Uuid, Path, description = "The cart's id."),
        ("sku" = Sku, Path, description = "The SKU of the line."),
        IfMatch,
    ),
    request_body(content = UpdateLine, example = json!({ "quantity": 2 })),
    responses(
        (
            status = 200, description = "The changed cart", body = Cart,
            headers(("etag" = String, description = "The cart's version, for `if-match`")), example = json!(example(&[("onda-vase-sand", 2)], 2)),
        ),
    ),
    extensions(("x-problems" = json!(["if-match", "not-ready", "version-mismatch"]))),
)]
pub async fn update(
    State(app): State<App>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    IfMatch(expected): IfMatch,
    Json(UpdateLine { quantity }): Json<UpdateLine>,
) -> Result<CartWithEtag, Error> {
    let change = CartChange::Set(sku, quantity);
    Ok(CartWithEtag(app.store.update(id, app.now(), change, expected).await?))
}

/// Removes a line from a cart.
///
/// If there is no such line, nothing changes.
#[utoipa::path(
    delete,
    path = "/carts/{id}/lines/{sku}",
    operation_id = "deleteLine",
    params(
        ("id" = Uuid, Path, description = "The cart's id."),
        ("sku" = Sku, Path, description = "The SKU of the line."),
        IfMatch,
    ),
    responses(
        (
            status = 200, description = "The changed cart", body = Cart,
            headers(("etag" = String, description = "The cart's version, for `if-match`")), example = json!(example(&[], 2)),
        ),
    ),
    extensions(("x-problems" = json!(["if-match", "not-ready", "version-mismatch"]))),
)]
pub async fn remove(
    State(app): State<App>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    IfMatch(expected): IfMatch,
) -> Result<CartWithEtag, Error> {
    let change = CartChange::Set(sku, NewQuantity(None));
    Ok(CartWithEtag(app.store.update(id, app.now(), change, expected).await?))
}

/// Removes all lines from a cart.
#[utoipa::path(
    delete,
    path = "/carts/{id}/lines",
    operation_id = "deleteLines",
    params(
        ("id" = Uuid, Path, description = "The cart's id."),
        IfMatch,
    ),
    responses(
        (
            status = 200, description = "The empty cart", body = Cart,
            headers(("etag" = String, description = "The cart's version, for `if-match`")), example = json!(example(&[], 2)),
        ),
    ),
    extensions(("x-problems" = json!(["if-match", "not-ready", "version-mismatch"]))),
)]
pub async fn clear(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    IfMatch(expected): IfMatch,
) -> Result<CartWithEtag, Error> {
    let cart = app.store.update(id, app.now(), CartChange::Clear, expected);
    Ok(CartWithEtag(cart.await?))
}
