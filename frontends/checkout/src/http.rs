//! Handlers, one file per page: call the BFF, draw the page.

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

/// Any other path.
pub async fn not_found(State(app): State<App>) -> Html {
    Html::new(pages::error::not_found(&app.assets)).status(StatusCode::NOT_FOUND)
}

/// The page that is shown when the BFF does not answer.
fn unavailable(app: &App, error: &CallError) -> Response {
    tracing::warn!(upstream = error.part(), error = causes(error), "a page cannot be drawn");
    Html::new(pages::error::unavailable(&app.assets))
        .status(StatusCode::SERVICE_UNAVAILABLE)
        .into_response()
}

/// 303 See Other: reloading the next page does not post the form again.
fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}
