//! Orders.

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
    pub outcome: OrderOutcome,
    pub reason: Option<String>,
    #[serde(default)]
    pub paid_by: Option<PaymentType>,
    #[serde(default)]
    pub is_paid: Option<bool>,
    #[serde(default)]
    pub transfer: Option<Transfer>,
    /// Where the shopper pays or authenticates, as long as that is needed
    pub redirect_url: Option<String>,
    pub email: String,
    pub address: Address,
    pub country: Option<String>,
    pub lines: Vec<OrderLine>,
    pub subtotal: Money,
    pub shipping: Shipping,
    pub tax: Money,
    pub total: Money,
}

/// An order in progress, shown with the cart that it was placed from.
#[derive(Clone, Debug, Deserialize)]
pub struct WaitingOrder {
    pub id: Uuid,
    pub number: String,
    pub total: Money,
    #[serde(default)]
    pub paid_by: Option<PaymentType>,
    /// Where the shopper pays or authenticates, as long as that is needed
    pub redirect_url: Option<String>,
}

/// Bank details for paying an invoice.
#[derive(Clone, Debug, Deserialize)]
pub struct Transfer {
    pub account_holder: String,
    pub iban: String,
    pub bic: Option<String>,
    pub reference: String,
    pub due_at: DateTime<Utc>,
}

/// An order that was just placed.
#[derive(Debug, Deserialize)]
pub struct PlacedOrder {
    pub id: Uuid,
    outcome: OrderOutcome,
    #[serde(default)]
    paid_by: Option<PaymentType>,
    #[serde(default)]
    redirect_url: Option<String>,
}

impl PlacedOrder {
    /// Where the shopper continues: on the provider's page to pay, or on the order page.
    pub fn next_page(self) -> String {
        let is_web_page = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        let payment_page = self.redirect_url.filter(is_web_page);
        let awaits_payment = self.outcome == OrderOutcome::InProgress && self.paid_by == Some(PaymentType::HostedPage);
        match payment_page {
            Some(page) if awaits_payment => page,
            _ => format!("/orders/{}", self.id),
        }
    }
}

/// The outcome of an order.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum OrderOutcome {
    Accepted,
    Rejected,
    /// Still being placed, or a value that a later BFF may add.
    #[serde(other)]
    InProgress,
}

/// A delivery address.
#[derive(Clone, Debug, Deserialize)]
pub struct Address {
    pub name: String,
    pub line1: String,
    pub line2: Option<String>,
    pub city: String,
    pub postal_code: String,
    pub country: String,
}

/// A line of an order.
#[derive(Clone, Debug, Deserialize)]
pub struct OrderLine {
    pub slug: Option<String>,
    pub title: String,
    pub picture: Option<String>,
    pub quantity: u32,
    pub total: Money,
}

/// The shipping method and price of an order.
#[derive(Clone, Debug, Deserialize)]
pub struct Shipping {
    pub method: String,
    pub name: String,
    pub days: Option<String>,
    pub price: Money,
}
