//! Payments: a payment is authorised for an order, and then captured or voided.

use std::time::Duration;

use chrono::{DateTime, Utc};
use money::Money;
use serde::{Deserialize, Serialize};
use service::{BaseUrl, CallError, Client};
use uuid::Uuid;

use super::{rejection, with_retry};
use crate::domain::{Order, OrderNumber, PaidBy, PaymentMethodId, StoredEmail};

/// A call that waits for a payment provider may take this many times as long as other calls.
pub const PROVIDER_TIMEOUT_FACTOR: u32 = 3;

/// A client of payments.
#[derive(Clone, Debug)]
pub struct Payments {
    client: Client,
    timeout: Duration,
    shop: BaseUrl,
}

#[derive(Serialize)]
struct CreatePayment<'a> {
    order: Uuid,
    amount: Money,
    payment_method: &'a PaymentMethodId,
    return_url: &'a str,
    order_number: &'a OrderNumber,
    email: &'a StoredEmail,
    expires_at: DateTime<Utc>,
}

/// A payment, as far as orders reads it.
#[derive(Debug, Deserialize)]
pub struct Payment {
    pub id: Uuid,
    pub status: PaymentStatus,
    /// How it is paid
    #[serde(rename = "type")]
    pub paid_by: PaidBy,
    /// The same for each payment method of the same card
    pub card_fingerprint: Option<String>,
    /// Where the shopper pays, or confirms the payment with their bank
    pub redirect_url: Option<String>,
}

/// The status of a payment, as far as orders distinguishes it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Authorised, or captured already
    #[serde(alias = "captured")]
    Authorised,
    /// The shopper must pay on a page, or confirm the payment with their bank
    RequiresAction,
    /// Declined by the bank
    Declined,
    /// Not paid in time, or voided by orders
    #[serde(alias = "voided")]
    Expired,
    /// Any other status, such as one that does not exist yet
    #[serde(other)]
    Other,
}

impl Payments {
    /// `timeout` is for one attempt of a call. Shoppers return to `shop` from their bank and from the provider's page.
    #[must_use]
    pub fn new(client: Client, timeout: Duration, shop: BaseUrl) -> Self {
        Self { client, timeout, shop }
    }

    /// Authorises the order's total. Repeating it gives the same payment with its current status. On a provider's page the
    /// shopper can pay until `expires_at`.
    pub async fn authorise(
        &self,
        order: &Order,
        payment_method: &PaymentMethodId,
        expires_at: DateTime<Utc>,
    ) -> Result<Payment, CallError> {
        let return_url = format!("{}/orders/{}", self.shop, order.id);
        let key = format!("{}:authorise", order.id);
        let body = CreatePayment {
            order: order.id,
            amount: order.total,
            payment_method,
            return_url: &return_url,
            order_number: &order.number,
            email: &order.email,
            expires_at,
        };
        let request = || {
            let request = self
                .client
                .post(&["payments"])
                .timeout(self.timeout * PROVIDER_TIMEOUT_FACTOR);
            request.idempotency_key(&key).json(&body)
        };
        with_retry(|| request().send()).await
    }

    /// Gets a payment.
    pub async fn find(&self, payment: Uuid) -> Result<Payment, CallError> {
        let id = payment.to_string();
        let request = || self.client.get(&["payments", &id]).timeout(self.timeout);
        with_retry(|| request().send()).await
    }

    /// Expires a payment that is not authorised yet, so that the shopper can no longer pay. The status tells whether they had.
    pub async fn expire(&self, payment: Uuid) -> Result<Payment, CallError> {
        let id = payment.to_string();
        let request = || self.client.post(&["payments", &id, "expire"]).timeout(self.timeout);
        with_retry(|| request().send()).await
    }

    /// Captures an authorised payment.
    pub async fn capture(&self, payment: Uuid) -> Result<(), CallError> {
        self.change(payment, "capture").await
    }

    /// Voids a payment.
    pub async fn void(&self, payment: Uuid) -> Result<(), CallError> {
        self.change(payment, "void").await
    }

    async fn change(&self, payment: Uuid, action: &str) -> Result<(), CallError> {
        let id = payment.to_string();
        let request = || self.client.post(&["payments", &id, action]).timeout(self.timeout);
        with_retry(|| request().done()).await
    }
}

/// Whether the answer to a request to authorise a payment, or to get one, means that there is no payment and never will be
/// one: the bank declined, it was voided before the bank was asked, the provider refused, or the payment method is unknown.
/// Other problems do not.
pub fn means_no_payment(error: &CallError) -> bool {
    rejection(error).is_some_and(|problem| {
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
    fn payments_contract_is_kept() {
        let contract = Contract::of("services/payments");
        let authorised: Payment = contract.read("post", "/payments", 201);
        assert_eq!(authorised.status, PaymentStatus::Authorised);
        assert!(contract.answer("post", "/payments", 201).get("redirect_url").is_some());
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
        let body = CreatePayment {
            order: serde_json::from_value(read("order")).unwrap(),
            amount: serde_json::from_value(read("amount")).unwrap(),
            payment_method: &serde_json::from_value(read("payment_method")).unwrap(),
            return_url: documented["return_url"].as_str().unwrap(),
            order_number: &OrderNumber::try_from(documented["order_number"].as_str().unwrap().to_owned()).unwrap(),
            email: &documented["email"].as_str().unwrap().to_owned().into(),
            expires_at: serde_json::from_value(read("expires_at")).unwrap(),
        };
        assert_eq!(json!(body), documented);
        let expired: Payment = contract.read("post", "/payments/{id}/expire", 200);
        assert_eq!(
            (expired.status, expired.paid_by),
            (PaymentStatus::Expired, PaidBy::Card)
        );
    }
}
