//! `/carts`

use axum::extract::State;
use axum::http::StatusCode;
use service::{Json, Path, Problem};
use uuid::Uuid;

use super::example;
use crate::App;
use crate::domain::Cart;
use crate::error::Error;

/// Creates an empty cart.
#[utoipa::path(
    post,
    path = "/carts",
    operation_id = "createCart",
    responses((status = 201, description = "The cart", body = Cart, example = json!(example(&[], 0)))),
)]
pub async fn create(State(app): State<App>) -> Result<(StatusCode, Json<Cart>), Error> {
    let cart = app.store.insert(Cart::new(Uuid::new_v4(), app.now())).await?;
    Ok((StatusCode::CREATED, Json(cart)))
}

/// Gets a cart.
#[utoipa::path(
    get,
    path = "/carts/{id}",
    operation_id = "getCart",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The cart", body = Cart, example = json!(example(&[("onda-vase-sand", 1)], 1))),
        (status = 404, description = "There is none, or it has expired", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Cart>, Error> {
    let cart = app.store.find(id, app.now()).await?;
    cart.map(Json).ok_or(Error::NotFound("cart"))
}
