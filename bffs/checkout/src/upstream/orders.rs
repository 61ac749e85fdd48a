//! Orders: placing, following and cancelling orders.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use money::Money;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service::{BoxError, CallError, Client, ETag, IdempotencyKey};
use utoipa::ToSchema;
use uuid::Uuid;
use values::Email;

use super::{LineItem, OPTIONAL_TIMEOUT, PaymentType, optional};

/// Orders answers within two seconds, if necessary with an order that is still being placed.
const TIMEOUT: Duration = Duration::from_secs(3);

/// How long orders may wait for a change before it answers.
const LONG_POLL_WAIT: Duration = Duration::from_secs(20);
/// Time for the answer to arrive after that wait.
const LONG_POLL_MARGIN: Duration = Duration::from_secs(5);

/// How long a quote is valid: an order that is older was not placed from the quote of an open page.
const QUOTE_LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// The orders service.
#[derive(Clone, Debug)]
pub struct Orders {
    client: Client,
    /// A client of its own, so that long polls do not use up the places of other calls.
    long_poll: Client,
}

/// A request to create an order from a quote.
#[derive(Debug, Serialize)]
pub struct CreateOrder {
    pub quote: String,
    pub cart: Option<Uuid>,
    pub cart_version: Option<u64>,
    pub email: Email,
    pub address: Address,
    pub lines: Vec<LineTitle>,
    pub payment_method: String,
}

/// The title of a SKU on the order.
#[derive(Debug, Serialize)]
pub struct LineTitle {
    pub sku: String,
    pub title: String,
}

/// A delivery address.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Address {
    /// Name of the recipient
    pub name: String,
    /// Street and house number
    pub line1: String,
    /// Second address line, or null
    pub line2: Option<String>,
    /// City
    pub city: String,
    /// Postal code
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 country code
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
    pub lines: Vec<OrderLine>,
    pub subtotal: Money,
    pub shipping: Shipping,
    pub tax: Money,
    pub total: Money,
    pub reason: Option<String>,
    pub redirect_url: Option<String>,
    #[serde(default)]
    pub paid_by: Option<PaymentType>,
    placed_at: DateTime<Utc>,
}

impl Order {
    /// Whether these are its lines, in any order.
    pub fn has_lines(&self, quoted: &[LineItem]) -> bool {
        let bought = self.lines.iter().map(|line| (&*line.sku, line.quantity));
        let quoted = quoted.iter().map(|line| (&*line.sku, line.quantity));
        bought.collect::<BTreeSet<_>>() == quoted.collect()
    }

    /// Whether the shopper still has to pay on a provider's page.
    pub fn awaits_hosted_payment(&self) -> bool {
        self.status == Status::InProgress
            && self.redirect_url.is_some()
            && self.paid_by == Some(PaymentType::HostedPage)
    }

    /// Whether it is confirmed and paid later by invoice.
    pub fn is_on_account(&self) -> bool {
        let is_confirmed = matches!(self.status, Status::Confirmed | Status::Completed);
        is_confirmed && self.paid_by == Some(PaymentType::Invoice)
    }

    /// Whether it was placed within the lifetime of a quote.
    fn is_recent(&self, now: DateTime<Utc>) -> bool {
        now - self.placed_at < QUOTE_LIFETIME
    }
}

/// The status of an order.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Confirmed,
    Completed,
    Rejected,
    Failed,
    Cancelled,
    /// Any status before the end of the workflow, including those that orders may add later.
    #[serde(other)]
    InProgress,
}

impl Status {
    /// Whether the order was not completed: rejected, failed or cancelled.
    pub fn is_unsuccessful(self) -> bool {
        matches!(self, Self::Rejected | Self::Failed | Self::Cancelled)
    }

    /// Whether the status will not change any more. A confirmed order may still turn out to be out of stock.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Confirmed | Self::InProgress)
    }
}

/// A line of an order.
#[derive(Debug, Deserialize)]
pub struct OrderLine {
    pub sku: String,
    pub title: String,
    pub quantity: u32,
    pub unit_price: Money,
    pub total: Money,
}

/// The shipping method and price of an order.
#[derive(Debug, Deserialize)]
pub struct Shipping {
    pub method: String,
    pub name: String,
    pub price: Money,
}

/// A page of orders.
#[derive(Deserialize)]
struct OrderPage {
    items: Vec<Order>,
}

impl Orders {
    /// The orders service behind these clients: one for ordinary calls, one for long polls.
    pub fn new(client: Client, long_poll: Client) -> Self {
        Self { client, long_poll }
    }

    /// Creates an order; returns the existing one if the idempotency key has been used for it.
    pub async fn create(&self, key: &IdempotencyKey, request: &CreateOrder) -> Result<Order, CallError> {
        let call = self
            .client
            .post(&["orders"])
            .idempotency_key(key.as_str())
            .json(request);
        call.timeout(TIMEOUT).send().await
    }

    /// Whether an idempotency key has been used, so that the same request would be answered as before.
    pub async fn is_key_used(&self, key: &IdempotencyKey) -> Result<bool, CallError> {
        let call = self.client.get(&["orders"]).query(&[("key", key.as_str())]);
        let page: OrderPage = call.send().await?;
        Ok(!page.items.is_empty())
    }

    /// The order of a cart that is still in progress, for example because it awaits payment; if orders answers in time.
    pub async fn optional_in_progress(&self, cart: Uuid) -> Option<Order> {
        let query = [("cart", cart.to_string()), ("in_progress", "true".to_owned())];
        let call = self.client.get(&["orders"]).query(&query).timeout(OPTIONAL_TIMEOUT);
        let page: OrderPage = optional(call.send().await)?;
        page.items.into_iter().find(|order| order.status == Status::InProgress)
    }

    /// The order that was recently placed with these lines of a cart, from another page. It is confirmed or in progress.
    pub async fn find_recent(
        &self,
        cart: Uuid,
        lines: &[LineItem],
        now: DateTime<Utc>,
    ) -> Result<Option<Order>, CallError> {
        let call = self.client.get(&["orders"]).query(&[("cart", cart.to_string())]);
        let page: OrderPage = call.send().await?;
        let is_match =
            |order: &Order| !order.status.is_unsuccessful() && order.is_recent(now) && order.has_lines(lines);
        Ok(page.items.into_iter().find(is_match))
    }

    /// Cancels an order that was placed from this cart; `None` if the cart has no such order.
    pub async fn cancel(&self, id: Uuid, cart: Uuid) -> Result<Option<Order>, CallError> {
        let call = self.client.post(&["orders", &id.to_string(), "cancellation"]);
        call.json(&json!({ "cart": cart })).timeout(TIMEOUT).find().await
    }

    /// Finds an order by its id.
    pub async fn find(&self, id: Uuid) -> Result<Option<Order>, CallError> {
        self.client.get(&["orders", &id.to_string()]).find().await
    }

    /// Waits until an order differs from the one with this entity tag; `None` if it does not change in time. Without a tag,
    /// returns the current order.
    pub async fn wait_for_change(&self, id: Uuid, seen: Option<&ETag>) -> Result<Option<(Order, ETag)>, CallError> {
        let mut call = self.long_poll.get(&["orders", &id.to_string()]);
        if let Some(seen) = seen {
            call = call.header("if-none-match", seen.as_str());
            call = call
                .header("prefer", format!("wait={}", LONG_POLL_WAIT.as_secs()))
                .timeout(LONG_POLL_WAIT + LONG_POLL_MARGIN);
        }
        let (headers, body) = call.exchange().await?;
        if body.is_empty() {
            return Ok(None);
        }
        let malformed = |error: BoxError| CallError::Malformed("orders", error);
        let order = serde_json::from_slice(&body).map_err(|error| malformed(error.into()))?;
        let tag = ETag::from_headers(&headers).ok_or_else(|| malformed("there is no etag".into()))?;
        Ok(Some((order, tag)).filter(|(_, tag)| Some(tag) != seen))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use testkit::Contract;

    use super::*;

    #[test]
    fn contract_is_readable() {
        let contract = Contract::of("services/orders");
        for (method, path, status) in [("post", "/orders", 201), ("get", "/orders/{id}", 200)] {
            let order: Order = contract.read(method, path, status);
            assert_eq!(order.status, Status::Completed);
            assert_eq!(order.total.minor, 5290);
        }
        let page: OrderPage = contract.read("get", "/orders", 200);
        assert_eq!(page.items.len(), 1);
        let cancelled: Order = contract.read("post", "/orders/{id}/cancellation", 200);
        assert_eq!(cancelled.status, Status::Cancelled);
        let cart = contract.request("post", "/orders/{id}/cancellation");
        assert_eq!(cart, json!({ "cart": "9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42" }));
    }

    #[test]
    fn create_order_matches_the_contract() {
        let documented = Contract::of("services/orders").request("post", "/orders");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let request = CreateOrder {
            quote: text(&documented["quote"]),
            cart: text(&documented["cart"]).parse().ok(),
            cart_version: documented["cart_version"].as_u64(),
            email: text(&documented["email"]).try_into().unwrap(),
            address: serde_json::from_value(documented["address"].clone()).unwrap(),
            lines: vec![LineTitle {
                sku: "onda-vase-sand".to_owned(),
                title: "Onda vase, Sand".to_owned(),
            }],
            payment_method: text(&documented["payment_method"]),
        };
        assert_eq!(serde_json::to_value(request).unwrap(), documented);
    }

    #[test]
    fn unknown_status_is_in_progress() {
        assert_eq!(
            serde_json::from_str::<Status>("\"packed\"").unwrap(),
            Status::InProgress
        );
    }
}
