//! `/carts/{id}/lines`: every change is answered with the whole cart.

use axum::extract::State;
use serde::Deserialize;
use service::{Json, Path};
use utoipa::ToSchema;
use uuid::Uuid;

use super::example;
use super::terms::{IfMatch, MaybeKey, Tagged};
use crate::App;
use crate::domain::{Cart, Change, Line, Sku, Wanted};
use crate::error::Error;

/// How many of a thing there shall be.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Amount {
    /// So many; none where it is 0
    quantity: Wanted,
}

/// Puts more of a thing in.
#[utoipa::path(
    post,
    path = "/carts/{id}/lines",
    operation_id = "createLine",
    params(
        ("id" = Uuid, Path),
        MaybeKey,
        IfMatch,
    ),
    request_body(content = Line, example = json!({
        "sku": "onda-vase-sand", "quantity": 1, "unit_price": { "minor": 4800, "currency": "EUR" },
    })),
    responses(
        (
            status = 200, description = "The cart", body = Cart,
            headers(("etag" = String, description = "Its version")), example = json!(example(&[("onda-vase-sand", 1)], 1)),
        ),
    ),
    extensions(("x-problems" = json!(["if-match", "idempotency-key-reused", "not-ready", "too-fast", "version-mismatch"]))),
)]
pub async fn create(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    MaybeKey(key): MaybeKey,
    IfMatch(expected): IfMatch,
    Json(line): Json<Line>,
) -> Result<Tagged, Error> {
    let change = Change::Add(line, key);
    Ok(Tagged(app.store.update(id, app.now(), change, expected).await?))
}

/// Sees to it that there are so many of a thing.
#[utoipa::path(
    put,
    path = "/carts/{id}/lines/{sku}",
    operation_id = "updateLine",
    params(
        ("id" = Uuid, Path),
        ("sku" = Sku, Path),
        IfMatch,
    ),
    request_body(content = Amount, example = json!({ "quantity": 2 })),
    responses(
        (
            status = 200, description = "The cart", body = Cart,
            headers(("etag" = String, description = "Its version")), example = json!(example(&[("onda-vase-sand", 2)], 2)),
        ),
    ),
    extensions(("x-problems" = json!(["if-match", "not-ready", "version-mismatch"]))),
)]
pub async fn update(
    State(app): State<App>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    IfMatch(expected): IfMatch,
    Json(Amount { quantity }): Json<Amount>,
) -> Result<Tagged, Error> {
    let change = Change::Set(sku, quantity);
    Ok(Tagged(app.store.update(id, app.now(), change, expected).await?))
}

/// Takes a thing out. What is not there is out already.
#[utoipa::path(
    delete,
    path = "/carts/{id}/lines/{sku}",
    operation_id = "removeLine",
    params(
        ("id" = Uuid, Path),
        ("sku" = Sku, Path),
        IfMatch,
    ),
    responses(
        (
            status = 200, description = "The cart", body = Cart,
            headers(("etag" = String, description = "Its version")), example = json!(example(&[], 2)),
        ),
    ),
    extensions(("x-problems" = json!(["if-match", "not-ready", "version-mismatch"]))),
)]
pub async fn remove(
    State(app): State<App>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    IfMatch(expected): IfMatch,
) -> Result<Tagged, Error> {
    let change = Change::Set(sku, Wanted(None));
    Ok(Tagged(app.store.update(id, app.now(), change, expected).await?))
}

/// Takes everything out.
#[utoipa::path(
    delete,
    path = "/carts/{id}/lines",
    operation_id = "clearLines",
    params(
        ("id" = Uuid, Path),
        IfMatch,
    ),
    responses(
        (
            status = 200, description = "The cart", body = Cart,
            headers(("etag" = String, description = "Its version")), example = json!(example(&[], 2)),
        ),
    ),
    extensions(("x-problems" = json!(["if-match", "not-ready", "version-mismatch"]))),
)]
pub async fn clear(State(app): State<App>, Path(id): Path<Uuid>, IfMatch(expected): IfMatch) -> Result<Tagged, Error> {
    let cart = app.store.update(id, app.now(), Change::Clear, expected);
    Ok(Tagged(cart.await?))
}
