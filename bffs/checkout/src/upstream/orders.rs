//! Orders: where a wish to buy becomes one.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use money::Money;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service::{BoxError, CallError, Client, IdempotencyKey, Tag};
use utoipa::ToSchema;
use uuid::Uuid;

use super::PaymentType;

/// Orders answers within two seconds, with an order that is still being placed if need be.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long orders is asked to hold an answer back for a change.
const WAIT: Duration = Duration::from_secs(20);
/// How long an answer that was held back may take on its way.
const MARGIN: Duration = Duration::from_secs(5);

/// As long as a quote holds: what was bought longer ago is not what a page's quote is for.
const QUOTED: TimeDelta = TimeDelta::minutes(30);

/// The orders service.
#[derive(Clone, Debug)]
pub struct Orders {
    client: Client,
    /// Of its own, so that those who wait take nobody's place.
    waiting: Client,
}

/// A wish to buy what a quote says.
#[derive(Debug, Serialize)]
pub struct Placing {
    pub quote: String,
    pub cart: Option<Uuid>,
    pub cart_version: Option<u64>,
    pub email: String,
    pub address: Address,
    pub lines: Vec<Titled>,
    pub payment_method: String,
}

/// What a SKU is called.
#[derive(Debug, Serialize)]
pub struct Titled {
    pub sku: String,
    pub title: String,
}

/// Where a parcel goes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Address {
    /// Who receives it
    pub name: String,
    /// Street and number
    pub line1: String,
    /// What else helps to find it
    pub line2: Option<String>,
    /// Town
    pub city: String,
    /// Postal code
    pub postal_code: String,
    /// Country, by its code of ISO 3166-1
    pub country: String,
}

/// An order.
#[derive(Debug, Deserialize)]
pub struct Order {
    pub id: Uuid,
    pub number: String,
    pub status: Status,
    pub email: String,
    pub address: Address,
    pub lines: Vec<Line>,
    pub subtotal: Money,
    pub shipping: Shipping,
    pub tax: Money,
    pub total: Money,
    pub reason: Option<String>,
    pub action: Option<String>,
    #[serde(default)]
    pub paid_by: Option<PaymentType>,
    placed_at: DateTime<Utc>,
}

impl Order {
    /// Whether these are its lines, in whatever order.
    pub fn is_of(&self, quoted: &[super::Line]) -> bool {
        let bought = self.lines.iter().map(|line| (&*line.sku, line.quantity));
        let quoted = quoted.iter().map(|line| (&*line.sku, line.quantity));
        bought.collect::<BTreeSet<_>>() == quoted.collect()
    }

    /// Whether its shopper is to pay on a provider's page.
    pub fn is_to_be_paid_on_page(&self) -> bool {
        self.status == Status::Underway && self.action.is_some() && self.paid_by == Some(PaymentType::HostedPage)
    }

    /// Whether it stands and its shopper pays later.
    pub fn is_on_account(&self) -> bool {
        let stands = matches!(self.status, Status::Confirmed | Status::Completed);
        stands && self.paid_by == Some(PaymentType::Invoice)
    }

    /// Whether it was placed no longer ago than a quote holds.
    fn is_recent(&self, now: DateTime<Utc>) -> bool {
        now - self.placed_at < QUOTED
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Confirmed,
    Completed,
    Rejected,
    Failed,
    Cancelled,
    /// A step on the way, one that orders may add later among them.
    #[serde(other)]
    Underway,
}

impl Status {
    /// Whether it came to nothing.
    pub fn is_refused(self) -> bool {
        matches!(self, Self::Rejected | Self::Failed | Self::Cancelled)
    }

    /// Whether nothing more will become of it. What is confirmed may still turn out not to be there.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Confirmed | Self::Underway)
    }
}

/// So many of a thing.
#[derive(Debug, Deserialize)]
pub struct Line {
    pub sku: String,
    pub title: String,
    pub quantity: u32,
    pub unit_price: Money,
    pub total: Money,
}

/// How it is sent.
#[derive(Debug, Deserialize)]
pub struct Shipping {
    pub method: String,
    pub name: String,
    pub price: Money,
}

/// Some orders, of which it matters only that they are there.
#[derive(Deserialize)]
struct Page {
    items: Vec<Order>,
}

impl Orders {
    /// Orders, behind these clients: one for what is answered at once, one for what is waited for.
    pub fn new(client: Client, waiting: Client) -> Self {
        Self { client, waiting }
    }

    /// Places an order; the same one again where the key is known.
    pub async fn create(&self, key: &IdempotencyKey, placing: &Placing) -> Result<Order, CallError> {
        let call = self
            .client
            .post(&["orders"])
            .idempotency_key(key.as_str())
            .json(placing);
        call.timeout(PATIENCE).send().await
    }

    /// Whether a key is known, and so whether the same request would be answered as before.
    pub async fn knows(&self, key: &IdempotencyKey) -> Result<bool, CallError> {
        let call = self.client.get(&["orders"]).query(&[("key", key.as_str())]);
        let page: Page = call.send().await?;
        Ok(!page.items.is_empty())
    }

    /// The order of a cart that is not decided yet, such as one that waits for its shopper's bank; if that can be had
    /// quickly.
    pub async fn waiting(&self, cart: Uuid) -> Option<Order> {
        let query = [("cart", cart.to_string()), ("open", "true".to_owned())];
        let call = self.client.get(&["orders"]).query(&query).timeout(super::PATIENCE);
        let page: Page = super::optional(call.send().await)?;
        page.items.into_iter().find(|order| order.status == Status::Underway)
    }

    /// The order that has just been made of these lines of a cart, from another page than the one that asks: it stands, or
    /// is being placed.
    pub async fn ordered(&self, cart: Uuid, lines: &[super::Line]) -> Result<Option<Order>, CallError> {
        let call = self.client.get(&["orders"]).query(&[("cart", cart.to_string())]);
        let page: Page = call.send().await?;
        let now = crate::clock::now();
        let is_meant = |order: &Order| !order.status.is_refused() && order.is_recent(now) && order.is_of(lines);
        Ok(page.items.into_iter().find(is_meant))
    }

    /// Gives an order up that was made from this cart; none where the cart has no such order.
    pub async fn cancel(&self, id: Uuid, cart: Uuid) -> Result<Option<Order>, CallError> {
        let call = self.client.post(&["orders", &id.to_string(), "cancellation"]);
        call.json(&json!({ "cart": cart })).timeout(PATIENCE).find().await
    }

    /// Finds an order.
    pub async fn find(&self, id: Uuid) -> Result<Option<Order>, CallError> {
        self.client.get(&["orders", &id.to_string()]).find().await
    }

    /// Waits for a change of an order that was seen with this tag; none where it stays as it is for a while. Without a
    /// tag, the order as it is now.
    pub async fn change(&self, id: Uuid, seen: Option<&Tag>) -> Result<Option<(Order, Tag)>, CallError> {
        let mut call = self.waiting.get(&["orders", &id.to_string()]);
        if let Some(seen) = seen {
            call = call.header("if-none-match", seen.as_str());
            call = call
                .header("prefer", format!("wait={}", WAIT.as_secs()))
                .timeout(WAIT + MARGIN);
        }
        let (headers, body) = call.exchange().await?;
        if body.is_empty() {
            return Ok(None);
        }
        let malformed = |error: BoxError| CallError::Malformed("orders", error);
        let order = serde_json::from_slice(&body).map_err(|error| malformed(error.into()))?;
        let tag = Tag::of_answer(&headers).ok_or_else(|| malformed("there is no etag".into()))?;
        Ok(Some((order, tag)).filter(|(_, tag)| Some(tag) != seen))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("services/orders");
        for (method, path, status) in [("post", "/orders", 201), ("get", "/orders/{id}", 200)] {
            let order: Order = contract.read(method, path, status);
            assert_eq!(order.status, Status::Completed);
            assert_eq!(order.total.minor, 5290);
        }
        let page: Page = contract.read("get", "/orders", 200);
        assert_eq!(page.items.len(), 1);
        let cancelled: Order = contract.read("post", "/orders/{id}/cancellation", 200);
        assert_eq!(cancelled.status, Status::Cancelled);
        let cart = contract.request("post", "/orders/{id}/cancellation");
        assert_eq!(cart, json!({ "cart": "9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42" }));
    }

    #[test]
    fn the_documented_request_is_ours() {
        let documented = Contract::of("services/orders").request("post", "/orders");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let placing = Placing {
            quote: text(&documented["quote"]),
            cart: text(&documented["cart"]).parse().ok(),
            cart_version: documented["cart_version"].as_u64(),
            email: text(&documented["email"]),
            address: serde_json::from_value(documented["address"].clone()).unwrap(),
            lines: vec![Titled {
                sku: "onda-vase-sand".to_owned(),
                title: "Onda vase, Sand".to_owned(),
            }],
            payment_method: text(&documented["payment_method"]),
        };
        assert_eq!(serde_json::to_value(placing).unwrap(), documented);
    }

    #[test]
    fn a_status_that_nobody_knows_yet_is_a_step_on_the_way() {
        assert_eq!(serde_json::from_str::<Status>("\"packed\"").unwrap(), Status::Underway);
    }
}
