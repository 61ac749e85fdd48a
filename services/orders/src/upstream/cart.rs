//! Cart: the purchased quantities are removed from a cart once its order is confirmed.

use std::time::Duration;

use serde::Serialize;
use service::{CallError, Client};
use uuid::Uuid;

use super::with_retry;
use crate::domain::{Order, Sku};

/// A client of cart.
#[derive(Clone, Debug)]
pub struct Cart {
    client: Client,
    timeout: Duration,
}

#[derive(Serialize)]
struct PurchasedLines<'a> {
    lines: Vec<PurchasedLine<'a>>,
}

#[derive(Serialize)]
struct PurchasedLine<'a> {
    sku: &'a Sku,
    quantity: u32,
}

impl Cart {
    /// `timeout` is for one attempt of a call.
    #[must_use]
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self { client, timeout }
    }

    /// Removes the quantities of an order from a cart. Repeating it changes nothing.
    pub async fn remove_purchased(&self, cart: Uuid, order: &Order) -> Result<(), CallError> {
        let (cart, id) = (cart.to_string(), order.id.to_string());
        let lines = order.lines.iter().map(|line| PurchasedLine {
            sku: &line.sku,
            quantity: line.quantity,
        });
        let body = PurchasedLines { lines: lines.collect() };
        let request = || {
            let request = self.client.put(&["carts", &cart, "orders", &id]);
            request.timeout(self.timeout).json(&body)
        };
        with_retry(|| request().done()).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testkit::Contract;

    use super::*;

    #[test]
    fn cart_contract_is_kept() {
        let documented = Contract::of("services/cart").request("put", "/carts/{id}/orders/{order}");
        let sku = Sku::try_from("onda-vase-sand".to_owned()).unwrap();
        let lines = vec![PurchasedLine { sku: &sku, quantity: 1 }];
        assert_eq!(json!(PurchasedLines { lines }), documented);
    }
}
