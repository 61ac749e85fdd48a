//! What can go wrong, and what the frontend is told of it.

use axum::response::{IntoResponse, Response};
use service::{CallError, Problem};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// A service that the page cannot do without gave no answer.
    #[error(transparent)]
    Upstream(#[from] CallError),
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound(_) => Problem::not_found(self.to_string()),
            Self::Upstream(cause) => cause.into(),
        }
        .into_response()
    }
}
