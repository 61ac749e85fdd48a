//! Payments as callers see them.

use chrono::{DateTime, Utc};
use money::Money;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Account, Amount, Refund, Status};

/// Where the shopper answers their bank.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Action {
    /// The address to send them to
    pub url: String,
}

/// Money for an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Payment {
    /// Its name
    pub id: Uuid,
    /// For which order
    pub order: Uuid,
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
    /// The same for every payment by the same card, and tells nothing of its number; where the provider has one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_fingerprint: Option<String>,
    /// When it was asked for
    pub created_at: DateTime<Utc>,
}

impl From<Account> for Payment {
    fn from(account: Account) -> Self {
        let amount = account.charge.amount;
        let currency = amount.currency();
        let refunds = account
            .movements
            .iter()
            .filter_map(|movement| Refund::of(movement, currency));
        Self {
            id: account.charge.reference,
            order: account.charge.order,
            amount,
            status: account.status,
            captured: Money::new(account.captured, currency),
            refunded: Money::new(account.refunded, currency),
            refunds: refunds.collect(),
            action: account.action.map(|url| Action { url }),
            card_fingerprint: account.fingerprint,
            created_at: account.created_at,
        }
    }
}

impl Payment {
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
