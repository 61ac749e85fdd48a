//! Payment providers.

pub mod invoice;
mod registry;
mod signature;
pub mod stripe;
pub(crate) mod test;

use std::fmt::Debug;

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use service::{BoxError, Unanswered};
use tokio::sync::{mpsc, oneshot};
use values::Violation;

use crate::domain::card::Card;
use crate::domain::{Amount, MovementReference, MovementStatus, PaymentMethodType, PaymentOption, Transfer};
pub use crate::domain::{
    Charge, ProviderPayment, ProviderPaymentId, ProviderStatus, Token, TokenizedCard, WebhookEvent,
};

pub use registry::{ProviderName, Providers, Settings};

/// The provider gave no answer, or none that can be used: the outcome is unknown.
#[derive(Debug, thiserror::Error)]
#[error("the payment provider does not answer")]
pub struct Unavailable(#[source] BoxError);

impl Unavailable {
    pub fn new(cause: impl Into<BoxError>) -> Self {
        Self(cause.into())
    }

    #[must_use]
    pub fn timed_out() -> Self {
        Self::new(Unanswered::timed_out())
    }
}

/// The provider refused, for this reason in its own words. Nothing was done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused(pub String);

/// A webhook whose signature is wrong or whose body is not valid.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct WebhookRejected {
    what: &'static str,
    source: Option<serde_json::Error>,
}

impl WebhookRejected {
    #[must_use]
    pub fn new(what: &'static str) -> Self {
        Self { what, source: None }
    }

    /// For a body that cannot be parsed.
    #[must_use]
    pub fn unreadable(what: &'static str, error: serde_json::Error) -> Self {
        let source = Some(error);
        Self { what, source }
    }
}

/// A webhook that a provider delivers inside this process.
#[derive(Debug)]
pub struct WebhookDelivery {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Dropped when the webhook has been processed
    pub processed: oneshot::Sender<()>,
}

/// The outcome of a request to a provider: done, refused, or unknown.
pub type Outcome<T> = Result<Result<T, Refused>, Unavailable>;

/// A payment provider. Requests that move money carry a reference of ours. If the answer to one is lost, the service first
/// retrieves its outcome ([`Provider::retrieve`], [`Provider::retrieve_refund`]), and repeats it, with the same reference, only
/// if it was not done. This ensures that nothing is charged twice.
#[async_trait]
pub trait Provider: Debug + Send + Sync {
    /// The provider's name in settings, in the database, and in the address of its webhooks.
    fn name(&self) -> &'static str;

    /// The type of its payment methods.
    fn method_type(&self) -> PaymentMethodType;

    /// What it offers to shoppers.
    fn payment_option(&self) -> PaymentOption;

    /// Whether it can charge this amount.
    fn supports(&self, _amount: Amount) -> bool {
        true
    }

    /// Stores a card and returns its token. Most providers refuse, because shoppers enter their cards on the provider's page.
    async fn tokenize(&self, card: &Card) -> Result<Result<TokenizedCard, Violation>, Unavailable>;

    /// Creates the payment at the provider without moving money. It returns the id by which the payment can be retrieved if a
    /// later answer is lost.
    async fn initiate(&self, charge: &Charge, now: DateTime<Utc>) -> Outcome<ProviderPayment>;

    /// Reserves the money, or returns why it was declined.
    async fn authorize(
        &self,
        id: &ProviderPaymentId,
        charge: &Charge,
        now: DateTime<Utc>,
    ) -> Result<ProviderStatus, Unavailable>;

    /// Retrieves the status of a payment and its current id.
    async fn retrieve(&self, id: &ProviderPaymentId) -> Result<ProviderPayment, Unavailable>;

    /// Closes the payment, so that the shopper can no longer pay. Refused if they have already paid.
    async fn expire(&self, id: &ProviderPaymentId, reference: MovementReference) -> Outcome<()>;

    /// Captures this amount of the reserved money, and releases the rest.
    async fn capture(&self, id: &ProviderPaymentId, reference: MovementReference, amount: Amount) -> Outcome<()>;

    /// Voids the payment: releases the reserved money, or closes the payment if none is reserved yet.
    async fn cancel(&self, id: &ProviderPaymentId, reference: MovementReference) -> Outcome<()>;

    /// Refunds this amount of the captured money.
    async fn refund(
        &self,
        id: &ProviderPaymentId,
        reference: MovementReference,
        amount: Amount,
    ) -> Outcome<MovementStatus>;

    /// Retrieves the progress of the refund with this reference; none if the provider has no such refund.
    async fn retrieve_refund(
        &self,
        id: &ProviderPaymentId,
        reference: MovementReference,
    ) -> Result<Option<MovementStatus>, Unavailable>;

    /// Verifies a webhook's signature and parses it. Returns none for events that do not concern our payments.
    fn parse_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<WebhookEvent>, WebhookRejected>;

    /// When a payment that is authorised now is due, if the shopper pays later.
    fn due_at(&self, _now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        None
    }

    /// The bank account for the shopper's transfer, if that is how they pay.
    fn transfer(&self, _charge: &Charge) -> Option<Transfer> {
        None
    }

    /// The webhook that follows the shopper's answer on the page of the test bank. Other providers have no such page.
    fn authentication_webhook(
        &self,
        _id: &ProviderPaymentId,
        _is_approved: bool,
        _now: DateTime<Utc>,
    ) -> Option<(HeaderMap, Vec<u8>)> {
        None
    }

    /// The webhooks that it delivers inside this process. Only the first call returns them.
    fn deliveries(&self) -> Option<mpsc::Receiver<WebhookDelivery>> {
        None
    }
}

/// The answer to a card that is sent for a provider that does not take any.
#[must_use]
pub fn cards_not_accepted() -> Violation {
    Violation::new(
        "/card",
        "This provider does not accept card numbers here: shoppers enter their card on its own page.",
    )
}
