//! What can go wrong, and what the frontend is told of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::{CallError, Problem};
use uuid::Uuid;

/// A field that cannot be as it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Where, as a JSON pointer: `/email`
    pub pointer: &'static str,
    /// What is wrong, in a sentence for the shopper
    pub detail: &'static str,
}

/// Why a request has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// Fields are not valid.
    #[error("Some fields need another look.")]
    Invalid(Vec<Violation>),
    /// What the shopper was shown is not what buying would mean now.
    #[error("{0}")]
    TotalChanged(&'static str),
    /// What is in the cart has been ordered, or is being ordered, from another page: this order.
    #[error("What is in your cart has just been ordered, from another page. Nothing was charged a second time.")]
    Ordered(Uuid),
    /// The quote no longer holds.
    #[error("This total no longer holds.")]
    QuoteExpired,
    /// Too often.
    #[error(transparent)]
    TooOften(#[from] Problem),
    /// A service said no, in words that fit this request.
    #[error(transparent)]
    Refused(Problem),
    /// A service that this cannot do without gave no answer, or said no.
    #[error(transparent)]
    Upstream(#[from] CallError),
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

impl Error {
    /// A service's refusal with its fields named as in the request that was made here; what `rename` gives
    /// no name to is left out.
    pub fn refused(error: CallError, rename: impl Fn(&str) -> Option<String>) -> Self {
        let Some(refusal) = error.refusal() else {
            return Self::Upstream(error);
        };
        let mut problem = refusal.clone();
        problem.errors.retain_mut(|field| {
            let name = rename(field.pointer.trim_start_matches('#'));
            name.map(|name| field.pointer = format!("#{name}")).is_some()
        });
        Self::Refused(problem)
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
                    problem.field(pointer, detail)
                }),
            Error::TotalChanged(_) => {
                Self::new(StatusCode::CONFLICT, "total-changed", "The total has changed").detail(detail)
            }
            Error::Ordered(order) => Self::new(StatusCode::CONFLICT, "cart-ordered", "Already ordered")
                .detail(detail)
                .extension("order", order.to_string()),
            Error::QuoteExpired => Self::new(StatusCode::CONFLICT, "quote-expired", "Quote expired").detail(detail),
            Error::TooOften(problem) | Error::Refused(problem) => problem,
            Error::Upstream(cause) => cause.into(),
        }
    }
}

/// What orders answers and is passed on as it is: kind, status, title, and when.
const PASSED_ON: [(&str, StatusCode, &str, &str); 5] = [
    (
        "card-declined",
        StatusCode::PAYMENT_REQUIRED,
        "Card declined",
        "the bank declined the card",
    ),
    (
        "invoice-declined",
        StatusCode::PAYMENT_REQUIRED,
        "No invoice",
        "the order cannot be paid by invoice",
    ),
    (
        "payment-expired",
        StatusCode::PAYMENT_REQUIRED,
        "Not paid in time",
        "the shopper did not pay in time",
    ),
    (
        "order-decided",
        StatusCode::CONFLICT,
        "Order decided",
        "the order is decided and can no longer be cancelled",
    ),
    (
        "cancelled",
        StatusCode::CONFLICT,
        "Order cancelled",
        "the order was cancelled",
    ),
];

impl Error {
    /// The problems that the contract tells of: an example of each, and when it is answered.
    pub fn problems() -> Vec<(Problem, &'static str)> {
        let out_of_stock = Problem::new(StatusCode::CONFLICT, "out-of-stock", "Out of stock")
            .detail("There is not enough of what you want.")
            .field("/lines/0/quantity", "Only 2 left.");
        let mut problems = vec![
            (
                Self::Ordered(Uuid::nil()).into(),
                "the cart was ordered from another page, by `order`",
            ),
            (Self::QuoteExpired.into(), "the quote's time is over"),
            (
                Self::TotalChanged("The total has changed.").into(),
                "the total is no longer the one that was shown",
            ),
            (out_of_stock, "there is not enough; an error at each line that is short"),
        ];
        let passed_on = PASSED_ON.map(|(kind, status, title, when)| (Problem::new(status, kind, title), when));
        problems.extend(passed_on);
        problems
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
