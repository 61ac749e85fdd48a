//! Who really moves the money.

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
use uuid::Uuid;

use crate::domain::card::Card;
use crate::domain::{Amount, MethodType, PaymentOption, Progress, Reference, Transfer, Update, Violation};
pub use crate::domain::{Charge, ProviderPayment, ProviderPaymentId, ProviderStatus, Token, TokenisedCard};

pub use registry::{Name, Providers, Settings};

/// No answer, or none that can be used: the outcome is unknown.
#[derive(Debug, thiserror::Error)]
#[error("the payment provider does not answer")]
pub struct Unavailable(#[source] BoxError);

impl Unavailable {
    /// For this reason.
    pub fn new(why: impl Into<BoxError>) -> Self {
        Self(why.into())
    }

    /// Not in time.
    #[must_use]
    pub fn timed_out() -> Self {
        Self::new(Unanswered::timed_out())
    }
}

/// A definite no, in the provider's words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refused(pub String);

/// A webhook that is not believed, or makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Rejected {
    what: &'static str,
    source: Option<serde_json::Error>,
}

impl Rejected {
    /// For this reason.
    #[must_use]
    pub fn new(what: &'static str) -> Self {
        Self { what, source: None }
    }

    /// Because this is what its body is not.
    #[must_use]
    pub fn unreadable(what: &'static str, error: serde_json::Error) -> Self {
        let source = Some(error);
        Self { what, source }
    }
}

/// What a provider tells of its own accord.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WebhookEvent {
    /// Its id, the same however often it is told
    pub id: String,
    /// The payment of ours that it is about
    pub payment: Uuid,
    /// What it says, in order
    pub updates: Vec<Update>,
    /// Whether it does not say where the payment stands, so that the provider is to be asked
    pub retrieve: bool,
}

/// A webhook that is delivered inside this process.
#[derive(Debug)]
pub struct Delivery {
    /// Its headers
    pub headers: HeaderMap,
    /// Its body
    pub body: Vec<u8>,
    /// Dropped when it was heard
    pub heard: oneshot::Sender<()>,
}

/// What came of asking a provider for something: done, refused for good, or unknown.
pub type Outcome<T> = Result<Result<T, Refused>, Unavailable>;

/// A provider. What moves money is asked for under a reference of ours. After an answer that was lost we look first
/// ([`Provider::retrieve`], [`Provider::retrieve_refund`]), and ask again, under the same reference, only for what has not
/// happened: that is what "never charge twice" rests on.
#[async_trait]
pub trait Provider: Debug + Send + Sync {
    /// Its name: in settings, in the store, and in the address of its webhooks.
    fn name(&self) -> &'static str;

    /// How shoppers pay with it.
    fn method_type(&self) -> MethodType;

    /// What it offers to shoppers.
    fn option(&self) -> PaymentOption;

    /// Whether so much can be paid with it.
    fn takes(&self, _amount: Amount) -> bool {
        true
    }

    /// Keeps a card, and gives what stands for it. Most providers let shoppers type cards on pages of their own, and see to
    /// it that none comes here.
    async fn tokenise(&self, card: &Card) -> Result<Result<TokenisedCard, Violation>, Unavailable>;

    /// Makes a payment known, and moves nothing: so it has a name to look it up by before anything can go wrong with money.
    async fn initiate(&self, charge: &Charge) -> Outcome<ProviderPayment>;

    /// Holds the money back, or says why not.
    async fn authorise(&self, id: &ProviderPaymentId, charge: &Charge) -> Result<ProviderStatus, Unavailable>;

    /// Where a payment stands, and what it is called by now.
    async fn retrieve(&self, id: &ProviderPaymentId) -> Result<ProviderPayment, Unavailable>;

    /// Sees to it that the shopper can no longer pay. Refused where they have paid already.
    async fn expire(&self, id: &ProviderPaymentId, reference: Reference) -> Outcome<()>;

    /// Takes so much of the money that is held back, and lets go of the rest.
    async fn capture(&self, id: &ProviderPaymentId, reference: Reference, amount: Amount) -> Outcome<()>;

    /// Lets the money go, or sees to it that none is held back.
    async fn void(&self, id: &ProviderPaymentId, reference: Reference) -> Outcome<()>;

    /// Gives so much back of what was taken, and says how far that is.
    async fn refund(&self, id: &ProviderPaymentId, reference: Reference, amount: Amount) -> Outcome<Progress>;

    /// How far the refund of this reference is; none where the provider never heard of it.
    async fn retrieve_refund(
        &self,
        id: &ProviderPaymentId,
        reference: Reference,
    ) -> Result<Option<Progress>, Unavailable>;

    /// What a webhook of its says; nothing where it is not about what we want to know.
    fn parse_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<WebhookEvent>, Rejected>;

    /// Until when the shopper has to pay what is authorised now, where they pay later.
    fn due_at(&self, _now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        None
    }

    /// Where the shopper transfers the money to, where that is how they pay.
    fn transfer(&self, _charge: &Charge) -> Option<Transfer> {
        None
    }

    /// What its bank tells when a shopper has answered on a page of ours; none where the bank has one of its own.
    fn answered(&self, _id: &ProviderPaymentId, _approves: bool, _now: DateTime<Utc>) -> Option<(HeaderMap, Vec<u8>)> {
        None
    }

    /// The webhooks that it delivers inside this process; to the first who asks for them.
    fn deliveries(&self) -> Option<mpsc::Receiver<Delivery>> {
        None
    }
}

/// What is said of a card that a provider does not want to see.
pub const NO_CARDS: Violation = Violation {
    pointer: "/card",
    detail: "This provider takes no card numbers from us: shoppers type them on its own page.",
};
