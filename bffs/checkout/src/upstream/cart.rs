//! Cart: shoppers' carts.

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
#[serde(from = "CartDto")]
pub struct Cart {
    pub id: Uuid,
    pub lines: Vec<LineItem>,
    pub quantity: u32,
    /// Counts the changes
    pub version: u64,
    /// Unit prices at the time the lines were added, as far as they were known then
    pub prices_when_added: Prices,
}

/// A cart as the cart service sends it, with the price at each line.
#[derive(Deserialize)]
struct CartDto {
    id: Uuid,
    lines: Vec<LineDto>,
    quantity: u32,
    version: u64,
}

/// A line with its unit price at the time it was added.
#[derive(Deserialize, Serialize)]
struct LineDto {
    #[serde(flatten)]
    item: LineItem,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit_price: Option<Money>,
}

/// A request to add a line.
pub struct AddLine {
    line: LineDto,
    key: String,
}

impl AddLine {
    /// Adds `item` with its current unit price, if known, under an idempotency key.
    pub fn new(item: LineItem, unit_price: Option<Money>, key: String) -> Self {
        let line = LineDto { item, unit_price };
        Self { line, key }
    }
}

impl From<CartDto> for Cart {
    fn from(
        CartDto {
            id,
            lines,
            quantity,
            version,
        }: CartDto,
    ) -> Self {
        let price = |line: &LineDto| Some((line.item.sku.clone(), line.unit_price?));
        Self {
            id,
            prices_when_added: lines.iter().filter_map(price).collect(),
            lines: lines.into_iter().map(|line| line.item).collect(),
            quantity,
            version,
        }
    }
}

/// A SKU and a quantity.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct LineItem {
    pub sku: String,
    pub quantity: u32,
}

impl Carts {
    /// The cart service behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Creates an empty cart.
    pub async fn create(&self) -> Result<Cart, CallError> {
        self.0.post(&["carts"]).send().await
    }

    /// Finds a cart that has not expired.
    pub async fn find(&self, id: Uuid) -> Result<Option<Cart>, CallError> {
        self.0.get(&["carts", &id.to_string()]).find().await
    }

    /// Adds a line, once per idempotency key; `None` if the cart does not exist.
    pub async fn add_line(&self, id: Uuid, request: &AddLine) -> Result<Option<Cart>, CallError> {
        let call = self.0.post(&["carts", &id.to_string(), "lines"]);
        call.idempotency_key(&request.key).json(&request.line).find().await
    }

    /// Sets the quantity of a line; `None` if the cart does not exist.
    pub async fn update_line(&self, id: Uuid, sku: &str, quantity: u32) -> Result<Option<Cart>, CallError> {
        let call = self.0.put(&["carts", &id.to_string(), "lines", sku]);
        call.json(&json!({ "quantity": quantity })).find().await
    }

    /// Deletes a line; `None` if the cart does not exist.
    pub async fn delete_line(&self, id: Uuid, sku: &str) -> Result<Option<Cart>, CallError> {
        self.0.delete(&["carts", &id.to_string(), "lines", sku]).find().await
    }
}

#[cfg(test)]
mod tests {
    use money::Currency;
    use testkit::Contract;

    use super::*;

    #[test]
    fn contract_is_readable() {
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
        let line = LineItem {
            sku: "onda-vase-sand".to_owned(),
            quantity: 1,
        };
        let price = Money::new(4800, Currency::Eur);
        assert_eq!(cart_of_one.prices_when_added.get(&line.sku), Some(price));
        let request = AddLine::new(line, Some(price), String::new());
        let line = serde_json::to_value(&request.line).unwrap();
        assert_eq!(line, contract.request("post", "/carts/{id}/lines"));
        assert_eq!(
            contract.request("put", "/carts/{id}/lines/{sku}"),
            json!({ "quantity": 2 })
        );
    }
}
