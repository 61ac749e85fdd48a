//! What is for whoever runs the shop, and not for its clients: health, metrics, contracts, parked events.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use crate::{Context, Json, Problem};

/// A layer for routes that are for operators: to a request that is made for a client outside there is nothing here.
pub async fn for_operators(request: Request, next: Next) -> Response {
    match Context::current().client() {
        Some(_) => nothing(),
        None => next.run(request).await,
    }
}

/// The route `/openapi.json` of a part's contract, for operators.
pub fn contract<S: Clone + Send + Sync + 'static>(
    document: impl Serialize + Clone + Send + Sync + 'static,
) -> Router<S> {
    Router::new()
        .route("/openapi.json", get(async || Json(document)))
        .layer(middleware::from_fn(for_operators))
}

pub(crate) fn nothing() -> Response {
    Problem::not_found("There is nothing at this address.").into_response()
}
