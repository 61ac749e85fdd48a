//! Webhooks, independent of the provider that sent them.

use uuid::Uuid;

use crate::domain::PaymentUpdate;

/// A verified webhook about one of our payments.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WebhookEvent {
    /// The provider's id of the event, which is the same for every delivery
    pub id: String,
    pub payment_id: Uuid,
    /// The updates, in order
    pub updates: Vec<PaymentUpdate>,
    /// Whether the event lacks the payment's status, so that it has to be retrieved from the provider
    pub needs_retrieval: bool,
}
