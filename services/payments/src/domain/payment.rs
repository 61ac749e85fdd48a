//! Payments as callers see them.

use chrono::{DateTime, Utc};
use money::Money;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Account, Amount, MethodType, Refund, Status, Transfer};

/// What the shopper has to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Action {
    /// The address to send them to: of their bank, or of the page on which they pay
    pub url: String,
}

/// Money for an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Payment {
    /// Its name
    pub id: Uuid,
    /// For which order
    pub order: Uuid,
    /// What people call that
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// Whose it is
    pub provider: String,
    /// How it is paid
    #[serde(rename = "type")]
    pub method_type: MethodType,
    /// How much
    #[schema(value_type = Money)]
    pub amount: Amount,
    /// What has become of it
    pub status: Status,
    /// How much of it is ours, or was before it was given back
    pub captured: Money,
    /// How much of that was given back
    pub refunded: Money,
    /// What was given back, or is being given back
    pub refunds: Vec<Refund>,
    /// What the shopper has to do while the status is `requires_action`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Where the shopper transfers the money to, where that is how they pay
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Transfer>,
    /// The same for every payment by the same card, and tells nothing of its number; where the provider has one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_fingerprint: Option<String>,
    /// When it was asked for
    pub created_at: DateTime<Utc>,
}

impl Payment {
    /// What there is to see of a payment.
    #[must_use]
    pub fn new(account: Account, transfer: Option<Transfer>) -> Self {
        let charge = account.charge;
        let currency = charge.amount.currency();
        let refunds = account
            .movements
            .iter()
            .filter_map(|movement| Refund::of(movement, currency));
        Self {
            id: charge.reference,
            order: charge.order,
            order_number: charge.order_number.map(|number| number.as_str().to_owned()),
            card_fingerprint: account.method.fingerprint().map(str::to_owned),
            provider: account.method.provider,
            method_type: account.method.method_type,
            amount: charge.amount,
            status: account.status,
            captured: Money::new(account.captured, currency),
            refunded: Money::new(account.refunded, currency),
            refunds: refunds.collect(),
            action: account.action.map(|url| Action { url }),
            transfer,
            created_at: account.created_at,
        }
    }

    /// As it was when it was authorised, whatever came later.
    #[must_use]
    pub fn at_first(self) -> Self {
        let none = Money::new(0, self.amount.currency());
        Self {
            status: Status::Authorised,
            captured: none,
            refunded: none,
            refunds: Vec::new(),
            ..self
        }
    }
}
