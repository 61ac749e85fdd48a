//! A payment is authorised for an order, and then captured or voided.

use std::time::Duration;

use money::Money;
use serde::{Deserialize, Serialize};
use service::{CallError, Client};
use uuid::Uuid;

use super::twice;
use crate::domain::{Order, PaymentMethod};

/// The payments service.
#[derive(Clone, Debug)]
pub struct Payments {
    client: Client,
    timeout: Duration,
}

#[derive(Serialize)]
struct Charge<'a> {
    order: Uuid,
    amount: Money,
    payment_method: &'a PaymentMethod,
}

#[derive(Deserialize)]
struct Payment {
    id: Uuid,
}

impl Payments {
    /// The one that `client` reaches; no try takes longer than `timeout`.
    #[must_use]
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self { client, timeout }
    }

    /// Has the order's total held back, and gives the payment's id. Asking again gives the same answer.
    pub async fn authorise(&self, order: &Order, payment_method: &PaymentMethod) -> Result<Uuid, CallError> {
        let key = format!("{}:authorise", order.id);
        let charge = Charge {
            order: order.id,
            amount: order.total,
            payment_method,
        };
        let request = || {
            let request = self.client.post(&["payments"]).timeout(self.timeout);
            request.idempotency_key(&key).json(&charge)
        };
        let payment: Payment = twice(|| request().send()).await?;
        Ok(payment.id)
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_is_kept() {
        let contract = Contract::of("services/payments");
        let authorised: Payment = contract.read("post", "/payments", 201);
        assert!(!authorised.id.is_nil());
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
        };
        assert_eq!(json!(charge), documented);
    }
}
