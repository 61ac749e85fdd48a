//! `/orders/{id}`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use page::Html;
use service::{Path, Problem};
use uuid::Uuid;

use super::{missing, see, unavailable};
use crate::bff::Visitor;
use crate::{App, pages};

/// The order's page; it follows an order that is being placed, with JavaScript or without.
pub async fn get(State(app): State<App>, id: Result<Path<Uuid>, Problem>) -> Response {
    let Ok(Path(id)) = id else {
        return missing(State(app)).await.into_response();
    };
    match app.bff.order(id).await {
        Ok(Some(order)) => Html::new(pages::order::draw(order, &app.assets)).into_response(),
        Ok(None) => missing(State(app)).await.into_response(),
        Err(error) => unavailable(&app, &error),
    }
}

/// Gives an order up that waits; what it was made of is still in the cart.
pub async fn cancel(State(app): State<App>, visitor: Visitor, id: Result<Path<Uuid>, Problem>) -> Response {
    let Ok(Path(id)) = id else {
        return missing(State(app)).await.into_response();
    };
    match app.bff.cancel(&visitor, id).await {
        Ok(()) => see("/cart"),
        // It is decided already, or was made from another cart: its page tells.
        Err(error) if error.refusal().is_some() => see(&format!("/orders/{id}")),
        Err(error) => unavailable(&app, &error),
    }
}
