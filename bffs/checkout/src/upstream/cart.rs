//! Cart: what shoppers have put aside.

use money::Money;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service::{CallError, Client};
use uuid::Uuid;

use super::Prices;

/// The cart service.
#[derive(Clone, Debug)]
pub struct Carts(Client);

/// A cart.
#[derive(Debug, Deserialize)]
#[serde(from = "Kept")]
pub struct Cart {
    pub id: Uuid,
    pub lines: Vec<Line>,
    pub quantity: u32,
    /// How often it has changed
    pub version: u64,
    /// What the things cost when they were put in, as far as that was known
    pub remembered: Prices,
}

/// A cart as it is kept, each price at its line.
#[derive(Deserialize)]
struct Kept {
    id: Uuid,
    lines: Vec<Remembered>,
    quantity: u32,
    version: u64,
}

/// A line, and what one cost when it was put in.
#[derive(Deserialize, Serialize)]
struct Remembered {
    #[serde(flatten)]
    line: Line,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit_price: Option<Money>,
}

/// What is to be put in.
pub struct Addition {
    line: Remembered,
    key: String,
}

impl Addition {
    /// So many of a thing, at the price that it has now, if that is known, under a key.
    pub fn new(line: Line, unit_price: Option<Money>, key: String) -> Self {
        let line = Remembered { line, unit_price };
        Self { line, key }
    }
}

impl From<Kept> for Cart {
    fn from(
        Kept {
            id,
            lines,
            quantity,
            version,
        }: Kept,
    ) -> Self {
        let price = |kept: &Remembered| Some((kept.line.sku.clone(), kept.unit_price?));
        Self {
            id,
            remembered: lines.iter().filter_map(price).collect(),
            lines: lines.into_iter().map(|kept| kept.line).collect(),
            quantity,
            version,
        }
    }
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

    /// Puts more of a thing in, once for each key, at the price that it has now, if that is known; none where there
    /// is no such cart.
    pub async fn add(&self, id: Uuid, addition: &Addition) -> Result<Option<Cart>, CallError> {
        let call = self.0.post(&["carts", &id.to_string(), "lines"]);
        call.idempotency_key(&addition.key).json(&addition.line).find().await
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
    use money::Currency;
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("services/cart");
        let cart: Cart = contract.read("post", "/carts", 201);
        assert_eq!((cart.lines.len(), cart.quantity), (0, 0));
        let cart_of_one: Cart = contract.read("get", "/carts/{id}", 200);
        let line = &cart_of_one.lines[0];
        assert_eq!((&*line.sku, cart_of_one.quantity), ("onda-vase-sand", 1));
        let cart: Cart = contract.read("put", "/carts/{id}/lines/{sku}", 200);
        assert_eq!(cart.lines[0].quantity, 2);
        let cart: Cart = contract.read("delete", "/carts/{id}/lines/{sku}", 200);
        assert!(cart.lines.is_empty());
        let line = Line {
            sku: "onda-vase-sand".to_owned(),
            quantity: 1,
        };
        let price = Money::new(4800, Currency::Eur);
        assert_eq!(cart_of_one.remembered.of(&line.sku), Some(price));
        let addition = Addition::new(line, Some(price), String::new());
        let line = serde_json::to_value(&addition.line).unwrap();
        assert_eq!(line, contract.request("post", "/carts/{id}/lines"));
        assert_eq!(
            contract.request("put", "/carts/{id}/lines/{sku}"),
            json!({ "quantity": 2 })
        );
    }
}
