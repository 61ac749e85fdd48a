//! `/carts`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use service::{Json, Path};
use utoipa::ToSchema;
use uuid::Uuid;

use super::example;
use super::terms::{IfMatch, Tagged};
use crate::App;
use crate::domain::Cart;
use crate::error::Error;

/// Which cart goes into another.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Merge {
    /// Its id
    from: Uuid,
}

/// Creates an empty cart.
#[utoipa::path(
    post,
    path = "/carts",
    operation_id = "createCart",
    responses((
        status = 201, description = "The cart", body = Cart,
        headers(("etag" = String, description = "Its version")), example = json!(example(&[], 0)),
    )),
)]
pub async fn create(State(app): State<App>) -> Result<(StatusCode, Tagged), Error> {
    let cart = app.store.insert(Cart::new(Uuid::new_v4(), app.now())).await?;
    Ok((StatusCode::CREATED, Tagged(cart)))
}

/// Gets a cart.
#[utoipa::path(
    get,
    path = "/carts/{id}",
    operation_id = "getCart",
    params(("id" = Uuid, Path)),
    responses(
        (
            status = 200, description = "The cart", body = Cart,
            headers(("etag" = String, description = "Its version")), example = json!(example(&[("onda-vase-sand", 1)], 1)),
        ),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Tagged, Error> {
    let cart = app.store.find(id, app.now()).await?;
    cart.map(Tagged).ok_or(Error::NotFound("cart"))
}

/// Puts all that is in another cart into this one, and leaves that one empty: at sign-in, say. Quantities add up, to
/// 99 at most. Where the other one is empty, or is no more, nothing changes; so sending it twice does no harm.
#[utoipa::path(
    post,
    path = "/carts/{id}/merge",
    operation_id = "mergeCarts",
    params(("id" = Uuid, Path), IfMatch),
    request_body(content = Merge, example = json!({ "from": "3f6c0f9a-51f0-4b8e-9a53-6f0b7a3d2c10" })),
    responses(
        (
            status = 200, description = "The cart", body = Cart,
            headers(("etag" = String, description = "Its version")), example = json!(example(&[("onda-vase-sand", 2)], 2)),
        ),
    ),
    extensions(("x-problems" = json!(["if-match", "not-ready", "version-mismatch"]))),
)]
pub async fn merge(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    IfMatch(expected): IfMatch,
    Json(Merge { from }): Json<Merge>,
) -> Result<Tagged, Error> {
    let cart = app.store.merge(id, from, app.now(), expected).await?;
    Ok(Tagged(cart))
}
