//! Errors and the problem documents they become.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::{CallError, Problem};
use uuid::Uuid;
use values::Violation;

/// Why a request fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The resource does not exist.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// Fields are invalid.
    #[error("Please check your details.")]
    Invalid(Vec<Violation>),
    /// The total that the shopper was shown is no longer correct.
    #[error("{0}")]
    TotalChanged(&'static str),
    /// The cart has been ordered, or is being ordered, from another page: the id of that order.
    #[error("Your cart has just been ordered from another page. Nothing was charged a second time.")]
    CartOrdered(Uuid),
    /// The quote has expired.
    #[error("This total has expired.")]
    QuoteExpired,
    /// The client has reached a rate limit.
    #[error(transparent)]
    RateLimited(#[from] Problem),
    /// A service rejected the call; the problem names the fields of this request.
    #[error(transparent)]
    Rejected(Problem),
    /// A required service did not answer, or rejected the call for a reason that is not the caller's.
    #[error(transparent)]
    Upstream(#[from] CallError),
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Invalid(vec![violation])
    }
}

impl Error {
    /// Turns a service's rejection into a problem for the caller. `rename` maps the service's JSON pointers to those of
    /// this request; fields without a counterpart are left out.
    pub fn rejected(error: CallError, rename: impl Fn(&str) -> Option<String>) -> Self {
        let Some(rejection) = error.refusal() else {
            return Self::Upstream(error);
        };
        let mut problem = rejection.clone();
        problem.errors.retain_mut(|field| {
            let name = rename(field.pointer.trim_start_matches('#'));
            name.map(|name| field.pointer = format!("#{name}")).is_some()
        });
        Self::Rejected(problem)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Invalid(violations) => Self::invalid(detail).violations(violations),
            Error::TotalChanged(_) => {
                Self::new(StatusCode::CONFLICT, "total-changed", "The total has changed").detail(detail)
            }
            Error::CartOrdered(order) => Self::new(StatusCode::CONFLICT, "cart-ordered", "Already ordered")
                .detail(detail)
                .extension("order", order.to_string()),
            Error::QuoteExpired => Self::new(StatusCode::CONFLICT, "quote-expired", "Quote expired").detail(detail),
            Error::RateLimited(problem) | Error::Rejected(problem) => problem,
            Error::Upstream(cause) => cause.into(),
        }
    }
}

/// Problems of orders that are passed on unchanged: kind, status, title, and when they occur.
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
    /// The problems of the contract: an example of each, and when it occurs.
    pub fn problems() -> Vec<(Problem, &'static str)> {
        let out_of_stock = Problem::new(StatusCode::CONFLICT, "out-of-stock", "Out of stock")
            .detail("Some items are out of stock.")
            .field("/lines/0/quantity", "Only 2 left.");
        let mut problems = vec![
            (
                Self::CartOrdered(Uuid::nil()).into(),
                "the cart was ordered from another page; `order` is the id of that order",
            ),
            (Self::QuoteExpired.into(), "the quote has expired"),
            (
                Self::TotalChanged("The total has changed.").into(),
                "the total differs from the one shown to the shopper",
            ),
            (
                out_of_stock,
                "there is not enough stock; `errors` names each line that is short",
            ),
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
