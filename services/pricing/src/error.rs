//! Errors and the problems that they are answered with.

use axum::response::{IntoResponse, Response};
use service::{BoxError, Problem};
use values::Violation;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    #[error("Some fields are not valid.")]
    Invalid(Vec<Violation>),
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
            Error::Invalid(violations) => Self::invalid(detail).violations(violations),
            Error::Internal(cause) => Self::internal(&*cause),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
