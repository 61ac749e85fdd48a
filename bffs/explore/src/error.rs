//! Errors and the problems that they are answered with.

use axum::response::{IntoResponse, Response};
use service::{CallError, Problem};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    #[error("The `after` must be the `next` of a page in the same order.")]
    InvalidCursor,
    /// A required service did not answer.
    #[error(transparent)]
    Upstream(#[from] CallError),
}

impl Error {
    /// The problems in the contract: an example of each, and when it is returned.
    pub fn problems() -> Vec<(Problem, &'static str)> {
        vec![(Problem::unavailable("catalog"), "catalog did not answer")]
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(_) => Self::not_found(error.to_string()),
            Error::InvalidCursor => Self::invalid_query(error.to_string()),
            Error::Upstream(cause) => cause.into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
