//! `/carts`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::{Json, Path};
use utoipa::ToSchema;
use uuid::Uuid;

use super::conditions::{CartWithEtag, IfMatch};
use super::example;
use crate::App;
use crate::domain::Cart;
use crate::error::Error;

/// The cart to merge into another one.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MergeCarts {
    /// The id of the cart whose lines are moved.
    from: Uuid,
}

/// Creates an empty cart.
#[utoipa::path(
    post,
    path = "/carts",
    operation_id = "createCart",
    responses((
        status = 201, description = "The new cart", body = Cart,
        headers(("etag" = String, description = "The cart's version, for `if-match`")), example = json!(example(&[], 0)),
    )),
)]
pub async fn create(State(app): State<App>) -> Result<(StatusCode, CartWithEtag), Error> {
    let cart = app.store.insert(Cart::new(Uuid::new_v4(), app.now())).await?;
    Ok((StatusCode::CREATED, CartWithEtag(cart)))
}

/// Gets a cart.
#[utoipa::path(
    get,
    path = "/carts/{id}",
    operation_id = "getCart",
    params(("id" = Uuid, Path, description = "The cart's id.")),
    responses(
        (
            status = 200, description = "The cart", body = Cart,
            headers(("etag" = String, description = "The cart's version, for `if-match`")), example = json!(example(&[("onda-vase-sand", 1)], 1)),
        ),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<CartWithEtag, Error> {
    let cart = app.store.find(id, app.now()).await?;
    cart.map(CartWithEtag).ok_or(Error::NotFound("cart"))
}

/// Moves all lines of another cart into this one, for example when a shopper signs in.
///
/// Quantities of the same SKU add up, to 99 at most. If the other cart is empty or does not exist, nothing changes, so the
/// request can be repeated.
#[utoipa::path(
    post,
    path = "/carts/{id}/merge",
    operation_id = "mergeCarts",
    params(("id" = Uuid, Path, description = "The id of the cart that receives the lines."), IfMatch),
    request_body(content = MergeCarts, example = json!({ "from": "3f6c0f9a-51f0-4b8e-9a53-6f0b7a3d2c10" })),
    responses(
        (
            status = 200, description = "The merged cart", body = Cart,
            headers(("etag" = String, description = "The cart's version, for `if-match`")), example = json!(example(&[("onda-vase-sand", 2)], 2)),
        ),
    ),
    extensions(("x-problems" = json!(["if-match", "not-ready", "version-mismatch"]))),
)]
pub async fn merge(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    IfMatch(expected): IfMatch,
    Json(MergeCarts { from }): Json<MergeCarts>,
) -> Result<CartWithEtag, Error> {
    let cart = app.store.merge(id, from, app.now(), expected).await?;
    Ok(CartWithEtag(cart))
}
