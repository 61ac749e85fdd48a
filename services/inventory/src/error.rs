//! What can go wrong, and what the caller is told of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::Problem;

use crate::domain::{Shortage, Status, Violation};

/// Why a request has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// The request breaks rules, each at a field.
    #[error("Some fields are not valid.")]
    Invalid(Vec<Violation>),
    /// The key was used for another request.
    #[error("This Idempotency-Key was used for another request.")]
    KeyReused,
    /// Some lines ask for more than there is.
    #[error("There is not enough of what you want.")]
    OutOfStock(Vec<Shortage>),
    /// Some lines bring back more than the order took.
    #[error("The order did not take that many units.")]
    NotTaken(Vec<Shortage>),
    /// Fewer on hand than orders hold already.
    #[error("{0} units are held for orders.")]
    Reserved(i64),
    /// The units are held no longer.
    #[error("The reservation is {}.", .0.as_str())]
    Gone(Status),
    /// The units have left the shelf.
    #[error("The reservation is committed.")]
    Committed,
    /// Somebody else was faster, so what was read is no longer true.
    #[error("Too many requests want these units at once. Please try again.")]
    Raced,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] storage::Error),
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let conflict = |kind, title| Self::new(StatusCode::CONFLICT, kind, title).detail(detail.as_str());
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Invalid(violations) => violations
                .into_iter()
                .fold(Self::invalid(detail), |problem, Violation { pointer, detail }| {
                    problem.field(&pointer, detail)
                }),
            Error::KeyReused => Self::key_reused(),
            Error::OutOfStock(shortages) => short(conflict("out-of-stock", "Out of stock"), &shortages),
            Error::NotTaken(shortages) => short(conflict("not-taken", "Not taken by this order"), &shortages),
            Error::Reserved(_) => conflict("reserved", "Units are reserved"),
            Error::Gone(_) => conflict("expired", "Reservation expired"),
            Error::Committed => conflict("committed", "Reservation committed"),
            Error::Raced => Self::overloaded(detail),
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

/// An error at the quantity of every line that is short.
fn short(problem: Problem, shortages: &[Shortage]) -> Problem {
    shortages.iter().fold(problem, |problem, shortage| {
        problem.field(&format!("/lines/{}/quantity", shortage.line), shortage.to_string())
    })
}

impl Error {
    /// The problems that the contract tells of: an example of each, and when it is answered.
    pub fn problems() -> Vec<(Self, &'static str)> {
        vec![
            (
                Self::OutOfStock(vec![Shortage { line: 0, left: 2 }]),
                "there is not enough; an error at the quantity of each line that is short",
            ),
            (
                Self::NotTaken(vec![Shortage { line: 0, left: 0 }]),
                "the order did not take that many, or brought them back; an error at the quantity of each such line",
            ),
            (Self::Reserved(3), "more units than that are reserved for orders"),
            (
                Self::Gone(Status::Expired),
                "the reservation has ended, and its units are gone",
            ),
            (
                Self::Committed,
                "the units have left the stock: return them by a restock",
            ),
        ]
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
