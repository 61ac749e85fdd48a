//! Errors and the problem documents that answer them.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::{BoxError, Problem};
use uuid::Uuid;
use values::Violation;

use crate::domain::InvalidTransition;
use crate::rejection;

/// Why a request fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    #[error("Some fields are not valid.")]
    Invalid(Vec<Violation>),
    #[error("This Idempotency-Key was used for another request.")]
    KeyReused,
    #[error("The quote has expired.")]
    QuoteExpired,
    /// The id of the order that has used the quote, if it is of the same cart.
    #[error("The quote was used for another order.")]
    QuoteUsed(Option<Uuid>),
    /// The id of the order of the cart.
    #[error("What is in the cart has been ordered already.")]
    CartOrdered(Uuid),
    /// Too many cards were declined. The duration is the answer's `Retry-After`.
    #[error("Too many cards were declined.")]
    TooManyDeclined(Duration),
    #[error("The order is confirmed and can no longer be cancelled.")]
    OrderDecided,
    /// The order is rejected, failed or cancelled, and this is its answer.
    #[error(transparent)]
    Unsuccessful(#[from] Problem),
    /// Another process has leased the order.
    #[error("The order is still being placed. Please try again.")]
    InProgress,
    #[error(transparent)]
    Internal(BoxError),
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<InvalidTransition> for Error {
    fn from(error: InvalidTransition) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let problem = |status, kind, title| Self::new(status, kind, title).detail(detail.as_str());
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Invalid(violations) => Self::invalid(detail).violations(violations),
            Error::KeyReused => Self::key_reused(),
            Error::QuoteExpired => problem(StatusCode::CONFLICT, "quote-expired", "Quote expired"),
            Error::CartOrdered(order) => {
                problem(StatusCode::CONFLICT, "cart-ordered", "Cart ordered").extension("order", order.to_string())
            }
            Error::QuoteUsed(order) => {
                let used = problem(StatusCode::CONFLICT, "quote-used", "Quote used");
                order.map_or(used.clone(), |order| used.extension("order", order.to_string()))
            }
            Error::TooManyDeclined(retry_after) => {
                let problem = Self::too_many_requests(retry_after);
                let detail = "Too many cards were declined for this cart or from this connection, so this one was not tried. \
                    Nothing was charged. Please try again later, or contact your bank.";
                problem.detail(detail)
            }
            Error::OrderDecided => problem(StatusCode::CONFLICT, "order-decided", "Order decided"),
            Error::Unsuccessful(problem) => problem,
            Error::InProgress => problem(StatusCode::SERVICE_UNAVAILABLE, "in-progress", "Still in progress"),
            Error::Internal(cause) => Self::internal(&*cause),
        }
    }
}

impl Error {
    /// The kinds of problems in the contract, each with an example and when it is answered.
    pub fn problems() -> Vec<(Problem, &'static str)> {
        vec![
            (rejection::card_declined(), "the bank declined the card"),
            (rejection::invoice_declined(), "the order cannot be paid by invoice"),
            (
                rejection::payment_expired(rejection::NOT_CONFIRMED),
                "the shopper did not pay, or did not confirm the payment with their bank, in time",
            ),
            (
                Self::CartOrdered(Uuid::nil()).into(),
                "the cart has been ordered, or is being ordered; `order` is the id of that order",
            ),
            (
                rejection::cancelled(rejection::NO_LONGER_AVAILABLE),
                "the order was cancelled",
            ),
            (
                rejection::out_of_stock(rejection::SOLD_WHILE_CONFIRMING).field("/lines/0/quantity", "Only 2 left."),
                "not enough units are available; `errors` has the quantity of each line that is short",
            ),
            (Self::QuoteExpired.into(), "the quote has expired"),
            (
                Self::QuoteUsed(Some(Uuid::nil())).into(),
                "another order has used the quote; `order` is its id if it is of the same cart",
            ),
            (
                Self::TooManyDeclined(Duration::from_mins(10)).into(),
                "too many cards were declined for this cart, quote or client",
            ),
            (
                Self::OrderDecided.into(),
                "the order is confirmed and can no longer be cancelled",
            ),
            (
                Self::InProgress.into(),
                "the order is still being placed: send the same request again",
            ),
            (
                Problem::unavailable("inventory"),
                "the order could not be placed because a service does not answer: send the same request again",
            ),
        ]
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
