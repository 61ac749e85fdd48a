//! `/orders/{id}`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use page::Html;
use service::{Path, Problem};
use uuid::Uuid;

use super::{missing, unavailable};
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
