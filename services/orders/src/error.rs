//! What can go wrong, and what the caller is told of it.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::{BoxError, Problem};
use uuid::Uuid;

use crate::domain::{Misstep, Violation};
use crate::refusal;

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
    /// The quote no longer holds.
    #[error("The quote has expired.")]
    QuoteExpired,
    /// The quote was good for another order; which, if it is of the same cart.
    #[error("The quote was used for another order.")]
    QuoteUsed(Option<Uuid>),
    /// What is in the cart was bought already, or is being bought, by this order.
    #[error("What is in the cart has been ordered already.")]
    CartOrdered(Uuid),
    /// Too many cards were declined; when another one may be tried.
    #[error("Too many cards were declined.")]
    TooManyDeclined(Duration),
    /// The order stands: it can no longer be given up.
    #[error("The order stands and can no longer be cancelled.")]
    Decided,
    /// The order came to nothing, and this is what a neighbour said or failed to say.
    #[error(transparent)]
    GivenUp(#[from] Problem),
    /// Somebody else is at this order.
    #[error("The order is still being placed. Please ask again.")]
    Busy,
    /// Our fault.
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

impl From<Misstep> for Error {
    fn from(misstep: Misstep) -> Self {
        Self::Internal(misstep.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let problem = |status, kind, title| Self::new(status, kind, title).detail(detail.as_str());
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Invalid(violations) => violations
                .into_iter()
                .fold(Self::invalid(detail), |problem, Violation { pointer, detail }| {
                    problem.field(&pointer, detail)
                }),
            Error::KeyReused => Self::key_reused(),
            Error::QuoteExpired => problem(StatusCode::CONFLICT, "quote-expired", "Quote expired"),
            Error::CartOrdered(order) => {
                problem(StatusCode::CONFLICT, "cart-ordered", "Cart ordered").extension("order", order.to_string())
            }
            Error::QuoteUsed(order) => {
                let used = problem(StatusCode::CONFLICT, "quote-used", "Quote used");
                order.map_or(used.clone(), |order| used.extension("order", order.to_string()))
            }
            Error::TooManyDeclined(wait) => {
                let problem = Self::too_many_requests(wait);
                let detail = "Too many cards were declined for this cart or from this connection, so this one was not tried. \
                    Nothing was charged. Please try again later, or ask the bank of your card.";
                problem.detail(detail)
            }
            Error::Decided => problem(StatusCode::CONFLICT, "order-decided", "Order decided"),
            Error::GivenUp(refusal) => refusal,
            Error::Busy => problem(StatusCode::SERVICE_UNAVAILABLE, "in-progress", "Still in progress"),
            Error::Internal(cause) => Self::internal(&*cause),
        }
    }
}

impl Error {
    /// The problems that the contract tells of: an example of each, and when it is answered.
    pub fn problems() -> Vec<(Problem, &'static str)> {
        vec![
            (refusal::card_declined(), "the bank declined the card"),
            (refusal::invoice_declined(), "the order cannot be paid by invoice"),
            (
                refusal::payment_expired(refusal::UNANSWERED),
                "the shopper did not pay, or did not answer their bank, in time",
            ),
            (
                Self::CartOrdered(Uuid::nil()).into(),
                "the cart was ordered already, or is being ordered, by `order`",
            ),
            (refusal::cancelled(refusal::CANNOT_KEEP), "the order was cancelled"),
            (
                refusal::out_of_stock(refusal::SOLD_MEANWHILE).field("/lines/0/quantity", "Only 2 left."),
                "there is not enough; an error at the quantity of each line that is short",
            ),
            (Self::QuoteExpired.into(), "the quote's time is over"),
            (
                Self::QuoteUsed(Some(Uuid::nil())).into(),
                "another order has used the quote; `order` has its id if it is of the same cart",
            ),
            (
                Self::TooManyDeclined(Duration::from_mins(10)).into(),
                "too many cards were declined for this cart or quote, or of this client",
            ),
            (
                Self::Decided.into(),
                "the order is decided and can no longer be cancelled",
            ),
            (
                Self::Busy.into(),
                "the order is still being placed: send the same request again",
            ),
            (
                Problem::unavailable("inventory"),
                "the order could not be placed for now: send the same request again",
            ),
        ]
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
