//! What the order page shows.

use chrono::{DateTime, Utc};
use money::Money;
use serde::Deserialize;
use uuid::Uuid;

use super::PaymentType;

/// An order.
#[derive(Clone, Debug, Deserialize)]
pub struct Order {
    pub id: Uuid,
    pub number: String,
    pub outcome: Outcome,
    pub reason: Option<String>,
    #[serde(default)]
    pub paid_by: Option<PaymentType>,
    #[serde(default)]
    pub is_paid: Option<bool>,
    #[serde(default)]
    pub transfer: Option<Transfer>,
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
    #[serde(default)]
    pub paid_by: Option<PaymentType>,
    /// Where it is paid, or its bank is answered, while that is waited for
    pub action: Option<String>,
}

/// Where the shopper transfers what is owed.
#[derive(Clone, Debug, Deserialize)]
pub struct Transfer {
    pub account_holder: String,
    pub iban: String,
    pub bic: Option<String>,
    pub reference: String,
    pub due_at: DateTime<Utc>,
}

/// An order that was placed, as far as that.
#[derive(Debug, Deserialize)]
pub struct Placed {
    pub id: Uuid,
    outcome: Outcome,
    #[serde(default)]
    paid_by: Option<PaymentType>,
    #[serde(default)]
    action: Option<String>,
}

impl Placed {
    /// Where the shopper goes on: to the page on which they pay, or to the order's.
    pub fn onwards(self) -> String {
        let is_web_page = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        let page = self.action.filter(is_web_page);
        let is_to_be_paid = self.outcome == Outcome::Underway && self.paid_by == Some(PaymentType::HostedPage);
        match page {
            Some(page) if is_to_be_paid => page,
            _ => format!("/orders/{}", self.id),
        }
    }
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
