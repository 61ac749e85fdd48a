//! What can go wrong, and what the caller is told of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::Problem;

use crate::domain::Violation;
use crate::store::Failure;

/// Why a request has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or not any longer.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The change breaks a rule.
    #[error("some fields are not valid")]
    Invalid(Violation),
    /// Our fault, or the store's.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Invalid(violation) => {
                let pointer = match violation {
                    Violation::TooMany(_) => "/quantity",
                    Violation::Full => "/sku",
                };
                Self::invalid(detail).field(pointer, violation.to_string())
            }
            Error::Internal(cause) if cause.is_outage() => {
                tracing::error!(%cause, "the store is away");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "Not ready")
                    .detail("Carts cannot be reached right now. Please try again.")
            }
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
