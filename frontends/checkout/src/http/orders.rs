//! `/orders/{id}`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use page::Html;
use service::{Path, Problem};
use uuid::Uuid;

use super::{not_found, see_other, unavailable};
use crate::bff::Cookies;
use crate::{App, pages};

/// The order page. It follows an order in progress, with JavaScript or without.
pub async fn get(State(app): State<App>, id: Result<Path<Uuid>, Problem>) -> Response {
    let Ok(Path(id)) = id else {
        return not_found(State(app)).await.into_response();
    };
    match app.bff.order(id).await {
        Ok(Some(order)) => Html::new(pages::order::draw(order, &app.assets)).into_response(),
        Ok(None) => not_found(State(app)).await.into_response(),
        Err(error) => unavailable(&app, &error),
    }
}

/// Cancels an order in progress. Its items are still in the cart.
pub async fn cancel(State(app): State<App>, cookies: Cookies, id: Result<Path<Uuid>, Problem>) -> Response {
    let Ok(Path(id)) = id else {
        return not_found(State(app)).await.into_response();
    };
    match app.bff.cancel_order(&cookies, id).await {
        Ok(()) => see_other("/cart"),
        // It can no longer be cancelled, or was placed from another cart: the order page shows its state.
        Err(error) if error.refusal().is_some() => see_other(&format!("/orders/{id}")),
        Err(error) => unavailable(&app, &error),
    }
}
