//! `/carts/{id}/lines`: every change is answered with the whole cart.

use axum::extract::State;
use serde::Deserialize;
use service::{Json, Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::example;
use crate::App;
use crate::domain::{Cart, Line, Lines, Sku, Wanted};
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
    params(("id" = Uuid, Path)),
    request_body(content = Line, example = json!({ "sku": "onda-vase-sand", "quantity": 1 })),
    responses(
        (status = 200, description = "The cart", body = Cart, example = json!(example(&[("onda-vase-sand", 1)], 1))),
        (status = 404, description = "There is none, or it has expired", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are not valid, or there would be too many", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn create(State(app): State<App>, Path(id): Path<Uuid>, Json(line): Json<Line>) -> Result<Json<Cart>, Error> {
    let cart = app
        .store
        .update(id, app.now(), move |lines| lines.add(line.clone()))
        .await?;
    Ok(Json(cart))
}

/// Sees to it that there are so many of a thing.
#[utoipa::path(
    put,
    path = "/carts/{id}/lines/{sku}",
    operation_id = "updateLine",
    params(("id" = Uuid, Path), ("sku" = String, Path)),
    request_body(content = Amount, example = json!({ "quantity": 2 })),
    responses(
        (status = 200, description = "The cart", body = Cart, example = json!(example(&[("onda-vase-sand", 2)], 2))),
        (status = 404, description = "There is none, or it has expired", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are not valid, or there would be too many", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path((id, sku)): Path<(Uuid, Sku)>,
    Json(Amount { quantity }): Json<Amount>,
) -> Result<Json<Cart>, Error> {
    let cart = app
        .store
        .update(id, app.now(), move |lines| lines.set(sku.clone(), quantity));
    Ok(Json(cart.await?))
}

/// Takes a thing out. What is not there is out already.
#[utoipa::path(
    delete,
    path = "/carts/{id}/lines/{sku}",
    operation_id = "removeLine",
    params(("id" = Uuid, Path), ("sku" = String, Path)),
    responses(
        (status = 200, description = "The cart", body = Cart, example = json!(example(&[], 2))),
        (status = 404, description = "There is none, or it has expired", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn remove(State(app): State<App>, Path((id, sku)): Path<(Uuid, Sku)>) -> Result<Json<Cart>, Error> {
    let cart = app
        .store
        .update(id, app.now(), move |lines| lines.set(sku.clone(), Wanted(None)));
    Ok(Json(cart.await?))
}

/// Takes everything out.
#[utoipa::path(
    delete,
    path = "/carts/{id}/lines",
    operation_id = "clearLines",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The cart", body = Cart, example = json!(example(&[], 2))),
        (status = 404, description = "There is none, or it has expired", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn clear(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Cart>, Error> {
    let empty = |lines: &mut Lines| {
        lines.clear();
        Ok(())
    };
    Ok(Json(app.store.update(id, app.now(), empty).await?))
}
