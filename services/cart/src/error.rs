//! The errors that requests are answered with.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::{Problem, causes};

use crate::domain::Rejection;
use crate::store::{ChangeError, StoreError};

const STORE_IS_AWAY: &str = "Carts cannot be reached right now. Please try again.";

/// Why a request fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The resource does not exist or has expired.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// The change breaks a rule.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The store failed.
    #[error(transparent)]
    Internal(#[from] StoreError),
}

impl From<ChangeError> for Error {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::NotFound("cart"),
            ChangeError::Rejected(rejection) => Self::Rejected(rejection),
            ChangeError::Store(error) => Self::Internal(error),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Rejected(rejection) => rejected(rejection),
            Error::Internal(error) if error.is_outage() => {
                tracing::error!(error = causes(&error), "the store does not answer");
                Self::not_ready(STORE_IS_AWAY)
            }
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

/// The answer to a malformed `If-Match` header.
pub fn if_match_malformed() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "if-match", "If-Match malformed")
        .detail("Send an ETag as you received it, several separated by commas, or *.")
}

fn rejected(rejection: Rejection) -> Problem {
    let detail = rejection.to_string();
    let problem = |status, kind, title| Problem::new(status, kind, title).detail(detail.as_str());
    let pointer = match rejection {
        Rejection::TooManyUnits(_) => "/quantity",
        Rejection::TooManyLines => "/sku",
        Rejection::TooManyLinesMerged | Rejection::MergedWithItself => "/from",
        Rejection::VersionMismatch(_) => {
            return problem(
                StatusCode::PRECONDITION_FAILED,
                "version-mismatch",
                "The cart has changed",
            );
        }
        Rejection::KeyReused => return Problem::key_reused(),
        Rejection::TooFast => return problem(StatusCode::TOO_MANY_REQUESTS, "too-fast", "Too many changes"),
    };
    Problem::invalid("Some fields are not valid.").field(pointer, detail)
}

impl Error {
    /// An example of each problem in the contract, and when it is answered.
    pub fn problems() -> Vec<(Problem, &'static str)> {
        vec![
            (if_match_malformed(), "the `If-Match` header is malformed"),
            (
                Self::Rejected(Rejection::VersionMismatch(7)).into(),
                "the cart has another version than `If-Match` expects",
            ),
            (
                Self::Rejected(Rejection::TooFast).into(),
                "more than 256 idempotency keys were used on the cart within an hour",
            ),
            (
                Problem::not_ready(STORE_IS_AWAY),
                "the store of carts does not answer; try again",
            ),
        ]
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
