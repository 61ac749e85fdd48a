//! What can go wrong, and what the caller is told of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::{Problem, causes};

use crate::domain::Violation;
use crate::store::Failure;

/// Why a request has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or not any longer.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// The change breaks a rule.
    #[error(transparent)]
    Refused(#[from] Violation),
    /// Our fault, or the store's.
    #[error(transparent)]
    Internal(#[from] Failure),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Refused(violation) => refused(violation),
            Error::Internal(error) if error.is_outage() => {
                tracing::error!(error = causes(&error), "the store does not answer");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "Not ready")
                    .detail("Carts cannot be reached right now. Please try again.")
            }
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

fn refused(violation: Violation) -> Problem {
    let detail = violation.to_string();
    let problem = |status, kind, title| Problem::new(status, kind, title).detail(detail.as_str());
    let pointer = match violation {
        Violation::TooMany(_) => "/quantity",
        Violation::Full => "/sku",
        Violation::FullTogether | Violation::Itself => "/from",
        Violation::Stale(_) => {
            return problem(
                StatusCode::PRECONDITION_FAILED,
                "version-mismatch",
                "The cart has changed",
            );
        }
        Violation::KeyReused => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return problem(status, "idempotency-key-reused", "Idempotency-Key reused");
        }
        Violation::TooFast => return problem(StatusCode::TOO_MANY_REQUESTS, "too-fast", "Too many changes"),
    };
    Problem::invalid("Some fields are not valid.").field(pointer, detail)
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
