//! What can go wrong, and what the frontend is told of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::{CallError, Problem};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// The place is not one that a page gave.
    #[error("The `after` must be the `next` of a page in the same order.")]
    NoSuchPlace,
    /// A service that the page cannot do without gave no answer.
    #[error(transparent)]
    Upstream(#[from] CallError),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound(_) => Problem::not_found(self.to_string()),
            Self::NoSuchPlace => {
                Problem::new(StatusCode::BAD_REQUEST, "invalid-query", "Invalid query").detail(self.to_string())
            }
            Self::Upstream(cause) => cause.into(),
        }
        .into_response()
    }
}
