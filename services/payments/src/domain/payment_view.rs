//! Payments as the API returns them.

use chrono::{DateTime, Utc};
use money::Money;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Amount, Payment, PaymentMethodType, PaymentStatus, Refund, Transfer};

/// A payment for an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
pub struct PaymentView {
    /// The payment's id.
    pub id: Uuid,
    /// The id of the order that is paid.
    pub order: Uuid,
    /// The order number, if the request had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// The provider that handles the payment, for example `stripe`. It never changes.
    pub provider: String,
    /// The type of the payment method.
    #[serde(rename = "type")]
    pub method_type: PaymentMethodType,
    /// The amount that was requested.
    #[schema(value_type = Money)]
    pub amount: Amount,
    /// The payment's status.
    pub status: PaymentStatus,
    /// The amount captured so far. Refunds do not reduce it.
    pub captured: Money,
    /// The sum of all refunds that are done; at most `captured`.
    pub refunded: Money,
    /// All refunds of the payment, the oldest first, with those that are pending or refused.
    pub refunds: Vec<Refund>,
    /// The page to which to send the shopper, of their bank or of the provider. Null unless the status is `requires_action`.
    pub redirect_url: Option<String>,
    /// The bank account for the shopper's transfer. Only payments of type `invoice` have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Transfer>,
    /// Identifies the card without revealing its number: equal for all payments with the same card. Only providers that
    /// support it have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_fingerprint: Option<String>,
    /// When the payment was created.
    pub created_at: DateTime<Utc>,
}

impl PaymentView {
    #[must_use]
    pub fn new(payment: Payment, transfer: Option<Transfer>) -> Self {
        let charge = payment.charge;
        let currency = charge.amount.currency();
        let refunds = payment
            .movements
            .iter()
            .filter_map(|movement| Refund::of(movement, currency));
        Self {
            id: charge.payment_id,
            order: charge.order,
            order_number: charge.order_number.map(|number| number.as_str().to_owned()),
            card_fingerprint: payment.method.fingerprint().map(str::to_owned),
            provider: payment.method.provider,
            method_type: payment.method.method_type,
            amount: charge.amount,
            status: payment.status,
            captured: Money::new(payment.captured, currency),
            refunded: Money::new(payment.refunded, currency),
            refunds: refunds.collect(),
            redirect_url: payment.redirect_url,
            transfer,
            created_at: payment.created_at,
        }
    }

    /// The payment as it was when it was authorised, whatever happened later.
    #[must_use]
    pub fn when_authorised(self) -> Self {
        let none = Money::new(0, self.amount.currency());
        Self {
            status: PaymentStatus::Authorised,
            captured: none,
            refunded: none,
            refunds: Vec::new(),
            ..self
        }
    }
}
