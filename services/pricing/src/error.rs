//! What can go wrong, and what the caller is told of it.

use axum::response::{IntoResponse, Response};
use service::{BoxError, Problem};

use crate::domain::Violation;

/// Why a request has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// The request breaks rules, each at a field.
    #[error("Some fields are not valid.")]
    Invalid(Vec<Violation>),
    /// Our fault.
    #[error(transparent)]
    Internal(BoxError),
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Invalid(violations) => violations
                .into_iter()
                .fold(Self::invalid(detail), |problem, Violation { pointer, detail }| {
                    problem.field(&pointer, detail)
                }),
            Error::Internal(cause) => Self::internal(&*cause),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
