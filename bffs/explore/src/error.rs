//! What can go wrong, and what the frontend is told of it.

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

impl Error {
    /// The problems that the contract tells of: an example of each, and when it is answered.
    pub fn problems() -> Vec<(Problem, &'static str)> {
        vec![(Problem::unavailable("catalog"), "catalog did not answer: try again")]
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(_) => Self::not_found(error.to_string()),
            Error::NoSuchPlace => Self::invalid_query(error.to_string()),
            Error::Upstream(cause) => cause.into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
