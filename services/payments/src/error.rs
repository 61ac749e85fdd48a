//! Errors, and the problem documents that answer them.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use service::background::Unfinished;
use service::{BoxError, Problem, causes};
use values::Violation;

use crate::domain::{Decline, PaymentError, PaymentStatus};
use crate::provider::{Unavailable, WebhookRejected};

/// Why a request fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    #[error("A field is not valid.")]
    Invalid(Violation),
    #[error("This Idempotency-Key was used for another request.")]
    KeyReused,
    #[error(transparent)]
    Declined(Decline),
    /// The order has a payment that is not declined, voided or expired.
    #[error("The order has another payment.")]
    OrderHasPayment,
    /// The payment's status does not allow the operation.
    #[error("The payment is {}.", .0.as_str())]
    InvalidTransition(PaymentStatus),
    /// A conflicting movement is pending.
    #[error("Another operation on the payment is in progress.")]
    MovementInProgress,
    /// The provider refuses, for this reason in its own words.
    #[error("The payment provider refuses this operation.")]
    ProviderRefused(String),
    #[error("The webhook is not accepted: {0}.")]
    WebhookRejected(#[from] WebhookRejected),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The fault is ours: the store fails, or a task panicked.
    #[error(transparent)]
    Internal(BoxError),
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Unfinished> for Error {
    fn from(error: Unfinished) -> Self {
        Self::Internal(error.into())
    }
}

impl From<PaymentError> for Error {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::InvalidTransition(status) => Self::InvalidTransition(status),
            PaymentError::MovementInProgress => Self::MovementInProgress,
            PaymentError::KeyReused => Self::KeyReused,
            PaymentError::Invalid(violation) => Self::Invalid(violation),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let conflict = |kind, title| Self::new(StatusCode::CONFLICT, kind, title).detail(detail.as_str());
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Invalid(violation) => Self::invalid(detail).violations([violation]),
            Error::KeyReused => Self::key_reused(),
            Error::Declined(Decline::Credit) => {
                Self::new(StatusCode::PAYMENT_REQUIRED, "invoice-declined", "No invoice").detail(detail)
            }
            Error::Declined(_) => {
                Self::new(StatusCode::PAYMENT_REQUIRED, "card-declined", "Card declined").detail(detail)
            }
            Error::OrderHasPayment => conflict("order-has-payment", "Order has a payment"),
            Error::InvalidTransition(_) | Error::MovementInProgress => conflict("wrong-state", "Wrong state"),
            Error::ProviderRefused(reason) => {
                tracing::warn!(reason, "the payment provider refuses an operation");
                conflict("provider-refused", "Provider refused")
            }
            Error::WebhookRejected(error) => {
                tracing::warn!(error = causes(&error), "a webhook is rejected");
                Self::new(StatusCode::BAD_REQUEST, "webhook-rejected", "Webhook rejected").detail(detail)
            }
            Error::Unavailable(error) => {
                tracing::warn!(error = causes(&error), "call failed");
                Self::unavailable("The payment provider")
            }
            Error::Internal(cause) => Self::internal(&*cause),
        }
    }
}

impl Error {
    /// The problems in `openapi.json`: an example of each, and when it is returned.
    pub fn problems() -> Vec<(Self, &'static str)> {
        vec![
            (Self::Declined(Decline::Card), "the bank declines the card"),
            (
                Self::Declined(Decline::Credit),
                "the amount is over the limit for invoices, or the client has too many unpaid invoices",
            ),
            (
                Self::OrderHasPayment,
                "the order has another payment that is not declined, voided or expired",
            ),
            (
                Self::InvalidTransition(PaymentStatus::Voided),
                "the payment's status does not allow this, or another operation on it is in progress",
            ),
            (
                Self::ProviderRefused(String::new()),
                "the payment provider refuses this operation; nothing was done",
            ),
            (
                Self::Unavailable(Unavailable::new("timed out")),
                "the payment provider does not answer; the outcome is unknown: repeat the same request",
            ),
        ]
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
