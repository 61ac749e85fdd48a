//! Routes for those who run the shop, and not for clients: health, metrics, contracts, parked events.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use crate::{Context, Json, Problem};

/// Middleware of routes for operators and other parts: a request that is made for a client outside gets 404.
pub async fn for_operators(request: Request, next: Next) -> Response {
    match Context::current().client() {
        Some(_) => not_found(),
        None => next.run(request).await,
    }
}

/// The route `/openapi.json` with a part's contract, for operators and other parts.
pub fn contract<S: Clone + Send + Sync + 'static>(
    document: impl Serialize + Clone + Send + Sync + 'static,
) -> Router<S> {
    Router::new()
        .route("/openapi.json", get(async || Json(document)))
        .layer(middleware::from_fn(for_operators))
}

pub(crate) fn not_found() -> Response {
    Problem::not_found("There is nothing at this address.").into_response()
}
