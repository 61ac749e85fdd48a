//! A payment is authorised for an order, and then captured or voided.

use std::time::Duration;

use chrono::{DateTime, Utc};
use money::Money;
use serde::{Deserialize, Serialize};
use service::{BaseUrl, CallError, Client};
use uuid::Uuid;

use super::{refusal, twice};
use crate::domain::{Email, Number, Order, PaidBy, PaymentMethod};

/// A provider of the world outside takes so many times as long as a neighbour.
pub const PROVIDERS: u32 = 3;

/// The payments service.
#[derive(Clone, Debug)]
pub struct Payments {
    client: Client,
    timeout: Duration,
    shop: BaseUrl,
}

#[derive(Serialize)]
struct Charge<'a> {
    order: Uuid,
    amount: Money,
    payment_method: &'a PaymentMethod,
    return_url: &'a str,
    order_number: &'a Number,
    email: &'a Email,
    expires_at: DateTime<Utc>,
}

/// Money for an order, as far as it is.
#[derive(Debug, Deserialize)]
pub struct Payment {
    /// Its name
    pub id: Uuid,
    /// What has become of it
    pub status: Status,
    /// How it is paid
    #[serde(rename = "type")]
    pub paid_by: PaidBy,
    /// The same for the same card
    pub card_fingerprint: Option<String>,
    action: Option<Action>,
}

/// What has become of a payment, as far as orders cares.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The money is held back, or somebody has taken it already.
    #[serde(alias = "captured")]
    Authorised,
    /// The shopper is to pay on a page, or to answer their bank.
    RequiresAction,
    /// The bank does not pay, or not any more.
    Declined,
    /// The shopper did not pay in time, or we did not want it any longer.
    #[serde(alias = "voided")]
    Expired,
    /// Anything else: not known yet, or not ours any longer.
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Action {
    url: String,
}

impl Payment {
    /// Where the shopper pays, or answers their bank.
    #[must_use]
    pub fn action(self) -> Option<String> {
        self.action.map(|action| action.url)
    }
}

impl Payments {
    /// The one that `client` reaches; no try takes longer than `timeout`. From their bank, shoppers come back to `shop`.
    #[must_use]
    pub fn new(client: Client, timeout: Duration, shop: BaseUrl) -> Self {
        Self { client, timeout, shop }
    }

    /// Has the order's total held back. Asking again gives the same payment, as far as it is then. On a provider's page the
    /// shopper has until `expires_at`.
    pub async fn authorise(
        &self,
        order: &Order,
        payment_method: &PaymentMethod,
        expires_at: DateTime<Utc>,
    ) -> Result<Payment, CallError> {
        let return_url = format!("{}/orders/{}", self.shop, order.id);
        let key = format!("{}:authorise", order.id);
        let charge = Charge {
            order: order.id,
            amount: order.total,
            payment_method,
            return_url: &return_url,
            order_number: &order.number,
            email: &order.email,
            expires_at,
        };
        let request = || {
            let request = self.client.post(&["payments"]).timeout(self.timeout * PROVIDERS);
            request.idempotency_key(&key).json(&charge)
        };
        twice(|| request().send()).await
    }

    /// How far a payment is.
    pub async fn find(&self, payment: Uuid) -> Result<Payment, CallError> {
        let id = payment.to_string();
        let request = || self.client.get(&["payments", &id]).timeout(self.timeout);
        twice(|| request().send()).await
    }

    /// Sees to it that the shopper can no longer pay, unless they have: the status says which.
    pub async fn expire(&self, payment: Uuid) -> Result<Payment, CallError> {
        let id = payment.to_string();
        let request = || self.client.post(&["payments", &id, "expire"]).timeout(self.timeout);
        twice(|| request().send()).await
    }

    /// Takes the money.
    pub async fn capture(&self, payment: Uuid) -> Result<(), CallError> {
        self.change(payment, "capture").await
    }

    /// Lets the money go.
    pub async fn void(&self, payment: Uuid) -> Result<(), CallError> {
        self.change(payment, "void").await
    }

    async fn change(&self, payment: Uuid, how: &str) -> Result<(), CallError> {
        let id = payment.to_string();
        let request = || self.client.post(&["payments", &id, how]).timeout(self.timeout);
        twice(|| request().done()).await
    }
}

/// Whether payments, asked for a payment, says that there is none and will be none: the bank declined, or it was voided
/// before the bank was asked, or the provider refused, or there was nothing to pay with. Any other no says something else.
pub fn is_none(error: &CallError) -> bool {
    refusal(error).is_some_and(|problem| {
        problem.is_any(&[
            "card-declined",
            "invoice-declined",
            "wrong-state",
            "provider-refused",
            "invalid",
        ])
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_is_kept() {
        let contract = Contract::of("services/payments");
        let authorised: Payment = contract.read("post", "/payments", 201);
        assert_eq!(authorised.status, Status::Authorised);
        let found: Payment = contract.read("get", "/payments/{id}", 200);
        assert_eq!(found.id, authorised.id);
        let captured = contract.answer("post", "/payments/{id}/capture", 200);
        let voided = contract.answer("post", "/payments/{id}/void", 200);
        assert_eq!(
            (&captured["status"], &voided["status"]),
            (&json!("captured"), &json!("voided"))
        );
        let documented = contract.request("post", "/payments");
        let read = |field: &str| documented[field].clone();
        let charge = Charge {
            order: serde_json::from_value(read("order")).unwrap(),
            amount: serde_json::from_value(read("amount")).unwrap(),
            payment_method: &serde_json::from_value(read("payment_method")).unwrap(),
            return_url: documented["return_url"].as_str().unwrap(),
            order_number: &Number::try_from(documented["order_number"].as_str().unwrap().to_owned()).unwrap(),
            email: &serde_json::from_value(read("email")).unwrap(),
            expires_at: serde_json::from_value(read("expires_at")).unwrap(),
        };
        assert_eq!(json!(charge), documented);
        let expired: Payment = contract.read("post", "/payments/{id}/expire", 200);
        assert_eq!((expired.status, expired.paid_by), (Status::Expired, PaidBy::Card));
    }
}
