//! The errors that requests are answered with.

use axum::response::{IntoResponse, Response};
use service::{CallError, Problem};

/// Why a request fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The resource does not exist.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// A service that the page requires did not answer.
    #[error(transparent)]
    Upstream(#[from] CallError),
}

impl Error {
    /// An example of each problem in the contract, and when it is answered.
    pub fn problems() -> Vec<(Problem, &'static str)> {
        vec![(Problem::unavailable("catalog"), "catalog does not answer; try again")]
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(_) => Self::not_found(error.to_string()),
            Error::Upstream(cause) => cause.into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
