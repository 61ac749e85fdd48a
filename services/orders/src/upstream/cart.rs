//! The cart, which no longer has what was bought once its order stands.

use std::time::Duration;

use serde::Serialize;
use service::{CallError, Client};
use uuid::Uuid;

use super::twice;
use crate::domain::{Order, Sku};

/// The cart service.
#[derive(Clone, Debug)]
pub struct Cart {
    client: Client,
    timeout: Duration,
}

#[derive(Serialize)]
struct Purchase<'a> {
    lines: Vec<Bought<'a>>,
}

#[derive(Serialize)]
struct Bought<'a> {
    sku: &'a Sku,
    quantity: u32,
}

impl Cart {
    /// The one that `client` reaches; no try takes longer than `timeout`.
    #[must_use]
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self { client, timeout }
    }

    /// Takes out of a cart what an order has bought: once, however often it is told.
    pub async fn take_out(&self, cart: Uuid, order: &Order) -> Result<(), CallError> {
        let (cart, id) = (cart.to_string(), order.id.to_string());
        let bought = order.lines.iter().map(|line| Bought {
            sku: &line.sku,
            quantity: line.quantity,
        });
        let purchase = Purchase {
            lines: bought.collect(),
        };
        let request = || {
            let request = self.client.put(&["carts", &cart, "orders", &id]);
            request.timeout(self.timeout).json(&purchase)
        };
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
        let documented = Contract::of("services/cart").request("put", "/carts/{id}/orders/{order}");
        let sku = Sku::try_from("onda-vase-sand".to_owned()).unwrap();
        let lines = vec![Bought { sku: &sku, quantity: 1 }];
        assert_eq!(json!(Purchase { lines }), documented);
    }
}
