//! The errors that requests are answered with.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::Problem;
use values::Violation;

use crate::domain::{ReservationStatus, Shortage};

/// Why a request fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The resource does not exist.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// Fields of the request break rules.
    #[error("Some fields are not valid.")]
    Invalid(Vec<Violation>),
    /// The idempotency key was used for another request.
    #[error("This Idempotency-Key was used for another request.")]
    KeyReused,
    /// Lines ask for more units than are available.
    #[error("There are not enough units in stock.")]
    OutOfStock(Vec<Shortage>),
    /// Lines return more units than the order took.
    #[error("The order did not take that many units.")]
    NotTaken(Vec<Shortage>),
    /// The new count is less than the reserved units.
    #[error("{0} units are reserved for orders.")]
    UnitsReserved(i64),
    /// The reservation has ended, and its units are no longer available.
    #[error("The reservation is {}.", .0.as_str())]
    ReservationEnded(ReservationStatus),
    /// The reservation's units have left stock.
    #[error("The reservation is committed.")]
    Committed,
    /// Concurrent requests changed the same stock.
    #[error("Too many requests for the same units at once. Please try again.")]
    Conflict,
    /// The database failed.
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
            Error::Invalid(violations) => Self::invalid(detail).violations(violations),
            Error::KeyReused => Self::key_reused(),
            Error::OutOfStock(shortages) => with_shortages(conflict("out-of-stock", "Out of stock"), &shortages),
            Error::NotTaken(shortages) => with_shortages(conflict("not-taken", "Not taken by this order"), &shortages),
            Error::UnitsReserved(_) => conflict("reserved", "Units are reserved"),
            Error::ReservationEnded(_) => conflict("expired", "Reservation expired"),
            Error::Committed => conflict("committed", "Reservation committed"),
            Error::Conflict => Self::overloaded(detail),
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

/// Adds an error at the quantity of every line that is short.
fn with_shortages(problem: Problem, shortages: &[Shortage]) -> Problem {
    shortages.iter().fold(problem, |problem, shortage| {
        problem.field(&format!("/lines/{}/quantity", shortage.line), shortage.to_string())
    })
}

impl Error {
    /// An example of each problem in the contract, and when it is answered.
    pub fn problems() -> Vec<(Self, &'static str)> {
        vec![
            (
                Self::OutOfStock(vec![Shortage { line: 0, remaining: 2 }]),
                "there are not enough units; an error at the quantity of each line that is short",
            ),
            (
                Self::NotTaken(vec![Shortage { line: 0, remaining: 0 }]),
                "the order took fewer units, or has returned them; an error at the quantity of each such line",
            ),
            (
                Self::UnitsReserved(3),
                "more units are reserved for orders than would be on hand",
            ),
            (
                Self::ReservationEnded(ReservationStatus::Expired),
                "the reservation was released or has expired, and its units are no longer available",
            ),
            (
                Self::Committed,
                "the reservation is committed; return the units with a restock",
            ),
        ]
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
