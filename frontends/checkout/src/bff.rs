//! The client of the BFF, the only part that is called. Each struct reads only the fields that the pages show.

mod cart;
mod checkout;
mod cookies;
mod order;

use std::time::Duration;

use axum::http::{HeaderValue, header};
use serde::Deserialize;
use serde_json::json;
use service::{CallError, Client};
use uuid::Uuid;

pub use cart::{Cart, CartLine, RemovedItem, Shortage};
pub use checkout::{Checkout, CheckoutForm, Country, PICKUP, PaymentOption, PaymentType, Quote, ShippingRate, Shop};
pub use cookies::Cookies;
pub use order::{Address, Order, OrderLine, OrderOutcome, PlacedOrder, Shipping, Transfer, WaitingOrder};

/// Placing an order involves stock and the bank. The shopper's own deadline still applies.
const ORDER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a fragment waits: less than the shell, so that a BFF that hangs is detected here, and more than the BFF itself, so
/// that services that hang are detected there.
const FRAGMENT_TIMEOUT: Duration = Duration::from_millis(200);

/// The checkout BFF.
#[derive(Clone, Debug)]
pub struct Bff(Client);

#[derive(Deserialize)]
struct CartCount {
    quantity: u32,
}

/// Whether a SKU can be added to the cart.
#[derive(Debug, Deserialize)]
pub struct Availability {
    pub sku: String,
    pub available: bool,
    pub quantity_limit: u32,
}

impl Bff {
    /// The BFF behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The shopper's cart, with the name of the item that was just removed.
    pub async fn cart(&self, cookies: &Cookies, removed: Option<&str>) -> Result<Cart, CallError> {
        let query: Vec<_> = removed.map(|sku| ("removed", sku)).into_iter().collect();
        cookies.add_to(self.0.get(&["cart"]).query(&query)).send().await
    }

    /// The number of items in the shopper's cart.
    pub async fn count(&self, cookies: &Cookies) -> Result<u32, CallError> {
        if cookies.is_empty() {
            return Ok(0);
        }
        let call = self.0.get(&["cart", "count"]).timeout(FRAGMENT_TIMEOUT);
        let count: CartCount = cookies.add_to(call).send().await?;
        Ok(count.quantity)
    }

    /// Adds a line to the cart, once per idempotency key. Returns the cart's cookie.
    pub async fn add_line(
        &self,
        cookies: &Cookies,
        sku: &str,
        quantity: i64,
        key: &str,
    ) -> Result<Option<HeaderValue>, CallError> {
        let call = self.0.post(&["cart", "lines"]).idempotency_key(key);
        let call = call.json(&json!({ "sku": sku, "quantity": quantity }));
        let (headers, _) = cookies.add_to(call).exchange().await?;
        Ok(headers.get(header::SET_COOKIE).cloned())
    }

    /// Sets the quantity of a line.
    pub async fn update_line(&self, cookies: &Cookies, sku: &str, quantity: i64) -> Result<(), CallError> {
        let call = self.0.put(&["cart", "lines"]);
        let call = call.json(&json!({ "sku": sku, "quantity": quantity }));
        cookies.add_to(call).done().await
    }

    /// Removes a line from the cart.
    pub async fn delete_line(&self, cookies: &Cookies, sku: &str) -> Result<(), CallError> {
        let call = self.0.delete(&["cart", "lines"]).query(&[("sku", sku)]);
        cookies.add_to(call).done().await
    }

    /// Whether a SKU can be added to the cart.
    pub async fn availability(&self, sku: &str) -> Result<Availability, CallError> {
        let call = self.0.get(&["add-to-cart"]).query(&[("sku", sku)]);
        call.timeout(FRAGMENT_TIMEOUT).send().await
    }

    /// The checkout page for the choices made so far.
    pub async fn checkout(&self, cookies: &Cookies, form: &CheckoutForm) -> Result<Checkout, CallError> {
        let query = [
            ("country", query_value(&form.country)),
            ("shipping", query_value(&form.shipping)),
            ("shop", query_value(&form.shop)),
            ("payment", query_value(&form.payment)),
        ];
        cookies.add_to(self.0.get(&["checkout"]).query(&query)).send().await
    }

    /// Creates an order from the form, once per idempotency key.
    pub async fn create_order(&self, cookies: &Cookies, form: &CheckoutForm) -> Result<PlacedOrder, CallError> {
        let call = self
            .0
            .post(&["orders"])
            .timeout(ORDER_TIMEOUT)
            .idempotency_key(&form.key);
        cookies.add_to(call.json(form)).send().await
    }

    /// Cancels an order of the shopper's cart. Cancelling it again changes nothing.
    pub async fn cancel_order(&self, cookies: &Cookies, id: Uuid) -> Result<(), CallError> {
        let call = self.0.post(&["orders", &id.to_string(), "cancellation"]);
        cookies.add_to(call.timeout(ORDER_TIMEOUT)).done().await
    }

    /// Finds an order by its id.
    pub async fn order(&self, id: Uuid) -> Result<Option<Order>, CallError> {
        self.0.get(&["orders", &id.to_string()]).find().await
    }
}

/// Drops a value that is longer than any available choice, so that the call's address does not get too long.
fn query_value(text: &str) -> &str {
    if text.len() > 64 { "" } else { text }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn contract_is_readable() {
        let contract = Contract::of("bffs/checkout");
        let cart: Cart = contract.read("get", "/cart", 200);
        assert_eq!(cart.lines[0].total, cart.subtotal);
        assert_eq!(contract.read::<CartCount>("get", "/cart/count", 200).quantity, 1);
        assert_eq!(
            contract.read::<Availability>("get", "/add-to-cart", 200).quantity_limit,
            12
        );
        let checkout: Checkout = contract.read("get", "/checkout", 200);
        assert_eq!(checkout.quote.as_ref().unwrap().total.minor, 5290);
        assert_eq!(checkout.shop, Some(checkout.shops[0].slug.clone()));
        assert!(checkout.shipping_options.iter().any(|rate| rate.method == PICKUP));
        let order: Order = contract.read("get", "/orders/{id}", 200);
        assert_eq!(order.outcome, OrderOutcome::Accepted);
        let placed: PlacedOrder = contract.read("post", "/orders", 201);
        assert_eq!(placed.next_page(), format!("/orders/{}", order.id));
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
    fn requests_match_the_contract() {
        let contract = Contract::of("bffs/checkout");
        let documented = contract.request("post", "/orders");
        let form: CheckoutForm = serde_json::from_value(documented.clone()).unwrap();
        assert_eq!(serde_json::to_value(form).unwrap(), documented);
        let line = json!({ "sku": "onda-vase-sand", "quantity": 1 });
        assert_eq!(contract.request("post", "/cart/lines"), line);
        let line = json!({ "sku": "onda-vase-sand", "quantity": 2 });
        assert_eq!(contract.request("put", "/cart/lines"), line);
    }
}
