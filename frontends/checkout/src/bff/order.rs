//! What the order page shows.

use money::Money;
use serde::Deserialize;
use uuid::Uuid;

/// An order.
#[derive(Clone, Debug, Deserialize)]
pub struct Order {
    pub id: Uuid,
    pub number: String,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub action: Option<String>,
    pub email: String,
    pub address: Address,
    pub country: Option<String>,
    pub lines: Vec<OrderLine>,
    pub subtotal: Money,
    pub shipping: Shipping,
    pub tax: Money,
    pub total: Money,
}

/// An order of a cart that is not decided yet.
#[derive(Clone, Debug, Deserialize)]
pub struct Waiting {
    pub id: Uuid,
    pub number: String,
    pub total: Money,
    /// Where its bank is answered, while that asks
    pub action: Option<String>,
}

/// What has become of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Accepted,
    Refused,
    /// Not known yet; also what a later BFF may say and this page does not understand.
    #[serde(other)]
    Underway,
}

/// Where it is sent to.
#[derive(Clone, Debug, Deserialize)]
pub struct Address {
    pub name: String,
    pub line1: String,
    pub line2: Option<String>,
    pub city: String,
    pub postal_code: String,
    pub country: String,
}

/// A line of it.
#[derive(Clone, Debug, Deserialize)]
pub struct OrderLine {
    pub slug: Option<String>,
    pub title: String,
    pub picture: Option<String>,
    pub quantity: u32,
    pub total: Money,
}

/// How it is sent.
#[derive(Clone, Debug, Deserialize)]
pub struct Shipping {
    pub method: String,
    pub name: String,
    pub days: Option<String>,
    pub price: Money,
}
