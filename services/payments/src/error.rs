//! What can go wrong, and what the caller is told of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::{Problem, causes};

use crate::domain::{Decline, Objection, Status, Violation};
use crate::provider::{Rejected, Unavailable};

/// Why a request has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// The request breaks a rule at a field.
    #[error("A field is not valid.")]
    Invalid(Violation),
    /// The key was used for another request.
    #[error("This Idempotency-Key was used for another request.")]
    KeyReused,
    /// The bank does not pay.
    #[error(transparent)]
    Declined(Decline),
    /// The order has a live payment already.
    #[error("The order has another payment.")]
    OrderHasPayment,
    /// The payment is not where this can be done.
    #[error("The payment is {}.", .0.as_str())]
    WrongState(Status),
    /// The other thing is being done with the payment.
    #[error("Something else is being done with the payment.")]
    Busy,
    /// The provider does not do it.
    #[error("The payment provider refuses.")]
    Refused(String),
    /// A webhook is not believed.
    #[error("The webhook is not accepted: {0}.")]
    Rejected(#[from] Rejected),
    /// The provider does not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] storage::Error),
}

impl From<Objection> for Error {
    fn from(objection: Objection) -> Self {
        match objection {
            Objection::WrongState(status) => Self::WrongState(status),
            Objection::Busy => Self::Busy,
            Objection::KeyReused => Self::KeyReused,
            Objection::Invalid(violation) => Self::Invalid(violation),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let conflict = |kind, title| Self::new(StatusCode::CONFLICT, kind, title).detail(detail.as_str());
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Invalid(Violation { pointer, detail: wrong }) => Self::invalid(detail).field(pointer, wrong),
            Error::KeyReused => Self::key_reused(),
            Error::Declined(Decline::Credit) => {
                Self::new(StatusCode::PAYMENT_REQUIRED, "invoice-declined", "No invoice").detail(detail)
            }
            Error::Declined(_) => {
                Self::new(StatusCode::PAYMENT_REQUIRED, "card-declined", "Card declined").detail(detail)
            }
            Error::OrderHasPayment => conflict("order-has-payment", "Order has a payment"),
            Error::WrongState(_) | Error::Busy => conflict("wrong-state", "Wrong state"),
            Error::Refused(reason) => {
                tracing::warn!(reason, "the payment provider refuses");
                conflict("provider-refused", "Provider refused")
            }
            Error::Rejected(error) => {
                tracing::warn!(error = causes(&error), "a webhook is rejected");
                Self::new(StatusCode::BAD_REQUEST, "webhook-rejected", "Webhook rejected").detail(detail)
            }
            Error::Unavailable(error) => {
                tracing::warn!(error = causes(&error), "call failed");
                Self::unavailable("The payment provider")
            }
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

impl Error {
    /// The problems that the contract tells of: an example of each, and when it is answered.
    pub fn problems() -> Vec<(Self, &'static str)> {
        vec![
            (Self::Declined(Decline::Card), "the bank declines this card"),
            (
                Self::Declined(Decline::Credit),
                "too much would be owed, or the client has too many unpaid invoices",
            ),
            (Self::OrderHasPayment, "the order has another payment that is not over"),
            (
                Self::WrongState(Status::Voided),
                "the payment's status does not allow this, or something else is being done with it",
            ),
            (Self::Refused(String::new()), "the payment provider does not do this"),
            (
                Self::Unavailable(Unavailable::new("timed out")),
                "the payment provider does not answer; the outcome is unknown: send the same request again",
            ),
        ]
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
