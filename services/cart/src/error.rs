//! What can go wrong, and what the caller is told of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::{Problem, causes};

use crate::domain::Violation;
use crate::store::Failure;

const AWAY: &str = "Carts cannot be reached right now. Please try again.";

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
                Self::not_ready(AWAY)
            }
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

/// The answer to an `If-Match` that cannot be read.
pub fn if_match_malformed() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "if-match", "If-Match malformed")
        .detail("Send an ETag as you have got it, several joined by commas, or *.")
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
        Violation::KeyReused => return Problem::key_reused(),
        Violation::TooFast => return problem(StatusCode::TOO_MANY_REQUESTS, "too-fast", "Too many changes"),
    };
    Problem::invalid("Some fields are not valid.").field(pointer, detail)
}

impl Error {
    /// The problems that the contract tells of: an example of each, and when it is answered.
    pub fn problems() -> Vec<(Problem, &'static str)> {
        vec![
            (if_match_malformed(), "the `If-Match` header is not one"),
            (
                Self::Refused(Violation::Stale(7)).into(),
                "the cart has changed since that version",
            ),
            (
                Self::Refused(Violation::TooFast).into(),
                "more was added within an hour than can be remembered",
            ),
            (
                Problem::not_ready(AWAY),
                "the database of carts does not answer: try again",
            ),
        ]
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
