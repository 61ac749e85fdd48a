//! An order together with what is needed to place it or to undo it.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use service::Problem;
use uuid::Uuid;

use crate::domain::{CreateOrder, Order, OrderStatus, PaymentMethodId, Reservation};

/// An order and how far its placement has come.
#[derive(Clone, Debug)]
pub struct Placement {
    pub order: Order,
    /// The cart that the purchased quantities are removed from once the order is confirmed
    pub cart: Option<Uuid>,
    /// Whether the purchased quantities are still in the cart. No other order can be placed from it then.
    pub holds_cart: bool,
    /// Why the order is to be cancelled, if it is still pending. Not saved.
    pub cancel_reason: Option<&'static str>,
    /// The client's network; forgotten when nothing is left to do
    pub client: Option<IpAddr>,
    /// The fingerprint of the card, if payments gives one; forgotten when nothing is left to do
    pub card_fingerprint: Option<String>,
    pub payment_method: PaymentMethodId,
    /// The reservation, if its id is known
    pub reservation: Option<Reservation>,
    /// The payment's id, if it is known
    pub payment: Option<Uuid>,
    /// The answer to the shopper if the order is unsuccessful
    pub rejection: Option<Problem>,
    /// Whether something is left to do
    pub in_progress: bool,
    /// Counts the owners of the order. A write with a lower fence than the row's is refused.
    pub fence: i64,
    /// Attempts in a row that have not changed the status
    pub tries: u32,
}

impl Placement {
    #[must_use]
    pub fn new(order: Order, request: &CreateOrder, client: Option<IpAddr>) -> Self {
        Self {
            order,
            cart: request.cart,
            holds_cart: request.cart.is_some(),
            cancel_reason: None,
            client,
            card_fingerprint: None,
            payment_method: request.payment_method.clone(),
            reservation: None,
            payment: None,
            rejection: None,
            in_progress: true,
            fence: 0,
            tries: 0,
        }
    }

    /// Why the payment failed, if that is why the order is unsuccessful. The texts are those of the table.
    #[must_use]
    pub fn payment_failure(&self) -> Option<&'static str> {
        let rejection = self.rejection.as_ref()?;
        match self.order.status {
            OrderStatus::Rejected if rejection.is("card-declined") => Some("declined"),
            OrderStatus::Rejected if rejection.is("payment-expired") => Some("unanswered"),
            OrderStatus::Cancelled if self.cancel_reason.is_some() => Some("unanswered"),
            _ => None,
        }
    }
}

/// How long an order is reserved to its owner.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// No other process takes the order up until then
    pub leased_until: DateTime<Utc>,
    /// The worker takes the order up then
    pub due_at: DateTime<Utc>,
}
