//! A payment is authorised for an order, and then captured or voided.

use std::time::Duration;

use money::Money;
use serde::{Deserialize, Serialize};
use service::{BaseUrl, CallError, Client};
use uuid::Uuid;

use super::{refusal, twice};
use crate::domain::{Order, PaymentMethod};

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
}

/// Money for an order, as far as it is.
#[derive(Debug, Deserialize)]
pub struct Payment {
    /// Its name
    pub id: Uuid,
    /// What has become of it
    pub status: Status,
    /// The same for the same card
    pub card_fingerprint: Option<String>,
    action: Option<Action>,
}

/// What has become of a payment, as far as orders cares.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The bank holds the money back.
    Authorised,
    /// The bank wants to hear from the shopper.
    RequiresAction,
    /// The bank does not pay, or not any more.
    Declined,
    /// Anything else: not known yet, or not ours any longer.
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Action {
    url: String,
}

impl Payment {
    /// Where the shopper answers their bank.
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

    /// Has the order's total held back. Asking again gives the same payment, as far as it is then.
    pub async fn authorise(&self, order: &Order, payment_method: &PaymentMethod) -> Result<Payment, CallError> {
        let return_url = format!("{}/orders/{}", self.shop, order.id);
        let key = format!("{}:authorise", order.id);
        let charge = Charge {
            order: order.id,
            amount: order.total,
            payment_method,
            return_url: &return_url,
        };
        let request = || {
            let request = self.client.post(&["payments"]).timeout(self.timeout);
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
    let no = refusal(error).map(|problem| (problem.status, problem.kind()));
    matches!(
        no,
        Some((402, "card-declined") | (409, "wrong-state" | "provider-refused") | (422, "invalid"))
    )
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
            return_url: "http://127.0.0.1:4000/orders/1",
        };
        let mut sent = json!(charge);
        // May be left out, and is in the example.
        sent.as_object_mut().unwrap().remove("return_url");
        assert_eq!(sent, documented);
    }
}
