//! Handlers: ask the BFF, draw. One file a page.

pub mod cart;
pub mod checkout;
mod form;
pub mod fragments;
pub mod orders;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use page::Html;
use service::{CallError, causes};

use crate::{App, pages};

/// Any other address.
pub async fn missing(State(app): State<App>) -> Html {
    Html::new(pages::error::missing(&app.assets)).status(StatusCode::NOT_FOUND)
}

/// The page that stands where another cannot be made.
fn unavailable(app: &App, error: &CallError) -> Response {
    tracing::warn!(upstream = error.part(), error = causes(error), "a page cannot be drawn");
    Html::new(pages::error::unavailable(&app.assets))
        .status(StatusCode::SERVICE_UNAVAILABLE)
        .into_response()
}

/// 303: what was posted is done, and reloading does not do it again.
fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}
