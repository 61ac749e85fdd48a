//! Cart: what shoppers have put aside.

use serde::{Deserialize, Serialize};
use serde_json::json;
use service::{CallError, Client};
use uuid::Uuid;

/// The cart service.
#[derive(Clone, Debug)]
pub struct Carts(Client);

/// A cart.
#[derive(Debug, Deserialize)]
pub struct Cart {
    pub id: Uuid,
    pub lines: Vec<Line>,
    pub quantity: u32,
}

/// So many of a thing.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Line {
    pub sku: String,
    pub quantity: u32,
}

impl Carts {
    /// Cart, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Makes an empty one.
    pub async fn create(&self) -> Result<Cart, CallError> {
        self.0.post(&["carts"]).send().await
    }

    /// Finds one; one that has expired is none.
    pub async fn find(&self, id: Uuid) -> Result<Option<Cart>, CallError> {
        self.0.get(&["carts", &id.to_string()]).find().await
    }

    /// Puts more of a thing in; none where there is no such cart.
    pub async fn add(&self, id: Uuid, line: &Line) -> Result<Option<Cart>, CallError> {
        let call = self.0.post(&["carts", &id.to_string(), "lines"]).json(line);
        call.find().await
    }

    /// Sees to it that there are so many of a thing; none where there is no such cart.
    pub async fn set(&self, id: Uuid, sku: &str, quantity: u32) -> Result<Option<Cart>, CallError> {
        let call = self.0.put(&["carts", &id.to_string(), "lines", sku]);
        call.json(&json!({ "quantity": quantity })).find().await
    }

    /// Takes a thing out; none where there is no such cart.
    pub async fn remove(&self, id: Uuid, sku: &str) -> Result<Option<Cart>, CallError> {
        self.0.delete(&["carts", &id.to_string(), "lines", sku]).find().await
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("services/cart");
        let cart: Cart = contract.read("post", "/carts", 201);
        assert_eq!((cart.lines.len(), cart.quantity), (0, 0));
        let cart: Cart = contract.read("get", "/carts/{id}", 200);
        assert_eq!((&*cart.lines[0].sku, cart.quantity), ("onda-vase-sand", 1));
        let cart: Cart = contract.read("put", "/carts/{id}/lines/{sku}", 200);
        assert_eq!(cart.lines[0].quantity, 2);
        let cart: Cart = contract.read("delete", "/carts/{id}/lines/{sku}", 200);
        assert!(cart.lines.is_empty());
        let line = Line {
            sku: "onda-vase-sand".to_owned(),
            quantity: 1,
        };
        let line = serde_json::to_value(&line).unwrap();
        assert_eq!(line, contract.request("post", "/carts/{id}/lines"));
        assert_eq!(
            contract.request("put", "/carts/{id}/lines/{sku}"),
            json!({ "quantity": 2 })
        );
    }
}
