//! The BFF: the only outgoing calls. Each struct holds the fields that the pages draw.

mod cart;
mod checkout;
mod order;
mod visitor;

use std::time::Duration;

use axum::http::{HeaderValue, header};
use serde::Deserialize;
use serde_json::json;
use service::{CallError, Client};
use uuid::Uuid;

pub use cart::{Cart, Line, Removed, Shortage};
pub use checkout::{Checkout, Country, Form, PICKUP, PaymentOption, PaymentType, Quote, Rate, Shop};
pub use order::{Address, Order, OrderLine, Outcome, Placed, Shipping, Transfer, Waiting};
pub use visitor::Visitor;

/// An order goes through stock and bank. The shopper's own deadline still holds.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a fragment waits: less than the shell does, so that it is noticed here who hangs, and more than the BFF, which
/// notices it of those behind it.
const PATIENCE_OF_A_FRAGMENT: Duration = Duration::from_millis(200);

/// The checkout BFF.
#[derive(Clone, Debug)]
pub struct Bff(Client);

#[derive(Deserialize)]
struct Count {
    quantity: u32,
}

/// Whether a thing can be put into the cart.
#[derive(Debug, Deserialize)]
pub struct Offer {
    pub sku: String,
    pub available: bool,
    pub quantity_limit: u32,
}

impl Bff {
    /// The BFF behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The visitor's cart, and the name of what has just been taken out.
    pub async fn cart(&self, visitor: &Visitor, removed: Option<&str>) -> Result<Cart, CallError> {
        let query: Vec<_> = removed.map(|sku| ("removed", sku)).into_iter().collect();
        visitor.identify(self.0.get(&["cart"]).query(&query)).send().await
    }

    /// How many things are in the visitor's cart.
    pub async fn count(&self, visitor: &Visitor) -> Result<u32, CallError> {
        if visitor.is_unknown() {
            return Ok(0);
        }
        let call = self.0.get(&["cart", "count"]).timeout(PATIENCE_OF_A_FRAGMENT);
        let count: Count = visitor.identify(call).send().await?;
        Ok(count.quantity)
    }

    /// Puts more of a thing into the cart, once under its key, however often it is sent; gives the cookie that names
    /// the cart.
    pub async fn add(
        &self,
        visitor: &Visitor,
        sku: &str,
        quantity: i64,
        key: &str,
    ) -> Result<Option<HeaderValue>, CallError> {
        let call = self.0.post(&["cart", "lines"]).idempotency_key(key);
        let call = call.json(&json!({ "sku": sku, "quantity": quantity }));
        let (headers, _) = visitor.identify(call).exchange().await?;
        Ok(headers.get(header::SET_COOKIE).cloned())
    }

    /// Sees to it that there are so many of a thing in the cart.
    pub async fn set(&self, visitor: &Visitor, sku: &str, quantity: i64) -> Result<(), CallError> {
        let call = self.0.put(&["cart", "lines"]);
        let call = call.json(&json!({ "sku": sku, "quantity": quantity }));
        visitor.identify(call).done().await
    }

    /// Takes a thing out of the cart.
    pub async fn remove(&self, visitor: &Visitor, sku: &str) -> Result<(), CallError> {
        let call = self.0.delete(&["cart", "lines"]).query(&[("sku", sku)]);
        visitor.identify(call).done().await
    }

    /// Whether a thing can be put into the cart.
    pub async fn offer(&self, sku: &str) -> Result<Offer, CallError> {
        let call = self.0.get(&["add-to-cart"]).query(&[("sku", sku)]);
        call.timeout(PATIENCE_OF_A_FRAGMENT).send().await
    }

    /// What the checkout page shows for what was chosen so far.
    pub async fn checkout(&self, visitor: &Visitor, form: &Form) -> Result<Checkout, CallError> {
        let query = [
            ("country", chosen(&form.country)),
            ("shipping", chosen(&form.shipping)),
            ("shop", chosen(&form.shop)),
            ("payment", chosen(&form.payment)),
        ];
        visitor.identify(self.0.get(&["checkout"]).query(&query)).send().await
    }

    /// Places an order.
    pub async fn place(&self, visitor: &Visitor, form: &Form) -> Result<Placed, CallError> {
        let call = self.0.post(&["orders"]).timeout(PATIENCE).idempotency_key(&form.key);
        visitor.identify(call.json(form)).send().await
    }

    /// Gives an order of the visitor's cart up; doing it again changes nothing.
    pub async fn cancel(&self, visitor: &Visitor, id: Uuid) -> Result<(), CallError> {
        let call = self.0.post(&["orders", &id.to_string(), "cancellation"]);
        visitor.identify(call.timeout(PATIENCE)).done().await
    }

    /// Finds an order.
    pub async fn order(&self, id: Uuid) -> Result<Option<Order>, CallError> {
        self.0.get(&["orders", &id.to_string()]).find().await
    }
}

/// What is longer than anything on offer chooses nothing, and needs no address that long.
fn chosen(text: &str) -> &str {
    if text.len() > 64 { "" } else { text }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("bffs/checkout");
        let cart: Cart = contract.read("get", "/cart", 200);
        assert_eq!(cart.lines[0].total, cart.subtotal);
        assert_eq!(contract.read::<Count>("get", "/cart/count", 200).quantity, 1);
        assert_eq!(contract.read::<Offer>("get", "/add-to-cart", 200).quantity_limit, 12);
        let checkout: Checkout = contract.read("get", "/checkout", 200);
        assert_eq!(checkout.quote.as_ref().unwrap().total.minor, 5290);
        assert_eq!(checkout.shop, Some(checkout.shops[0].slug.clone()));
        assert!(checkout.shipping_options.iter().any(|rate| rate.method == PICKUP));
        let order: Order = contract.read("get", "/orders/{id}", 200);
        assert_eq!(order.outcome, Outcome::Accepted);
        let placed: Placed = contract.read("post", "/orders", 201);
        assert_eq!(placed.onwards(), format!("/orders/{}", order.id));
        let types: Vec<_> = checkout
            .payment_options
            .iter()
            .flatten()
            .map(|option| option.payment_type)
            .collect();
        assert_eq!(
            types,
            [PaymentType::Card, PaymentType::HostedPage, PaymentType::Invoice]
        );
    }

    #[test]
    fn the_documented_requests_are_ours() {
        let contract = Contract::of("bffs/checkout");
        let documented = contract.request("post", "/orders");
        let form: Form = serde_json::from_value(documented.clone()).unwrap();
        assert_eq!(serde_json::to_value(form).unwrap(), documented);
        let line = json!({ "sku": "onda-vase-sand", "quantity": 1 });
        assert_eq!(contract.request("post", "/cart/lines"), line);
        let line = json!({ "sku": "onda-vase-sand", "quantity": 2 });
        assert_eq!(contract.request("put", "/cart/lines"), line);
    }
}
