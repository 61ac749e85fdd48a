//! What the checkout page shows, and what it sends.

use money::Money;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use super::{Cart, Waiting};

/// The way to deliver that is no delivery: the shopper comes to a shop.
pub const PICKUP: &str = "pickup";

/// What the shopper decides on.
#[derive(Clone, Debug, Deserialize)]
pub struct Checkout {
    pub cart: Cart,
    pub countries: Vec<Country>,
    pub country: String,
    pub shipping_options: Vec<Rate>,
    pub shipping: String,
    pub shops: Vec<Shop>,
    pub shop: Option<String>,
    /// The usual one first; null where nobody knows right now
    #[serde(default)]
    pub payment_options: Option<Vec<PaymentOption>>,
    #[serde(default)]
    pub payment: Option<String>,
    pub quote: Option<Quote>,
    pub idempotency_key: String,
    /// An order from this cart that is not decided yet: another one takes its place
    #[serde(default)]
    pub waiting_order: Option<Waiting>,
}

impl Checkout {
    /// Whether a card may be typed here.
    pub fn takes_cards(&self) -> bool {
        let mut options = self.payment_options.iter().flatten();
        options.any(|option| option.payment_type == PaymentType::Card)
    }

    /// What the page says the things cost, to be held against what the next one says: `<sku>:<quantity>,… <amount>`.
    pub fn seen(&self) -> Option<String> {
        let amount = self.quote.as_ref()?.subtotal;
        let lines = self.cart.lines.iter().filter(|line| !line.gone);
        let lines: Vec<_> = lines.map(|line| format!("{}:{}", line.sku, line.quantity)).collect();
        Some(format!("{} {amount}", lines.join(",")))
    }

    /// Whether the same things cost something else than on the page that was filled in.
    pub fn is_repriced_since(&self, seen: &str) -> bool {
        let now = self.seen().unwrap_or_default();
        // An amount has no space; a SKU may.
        let both = seen.rsplit_once(' ').zip(now.rsplit_once(' '));
        both.is_some_and(|((lines, amount), now)| lines == now.0 && amount != now.1)
    }
}

/// How it can be paid.
#[derive(Clone, Debug, Deserialize)]
pub struct PaymentOption {
    pub provider: String,
    #[serde(rename = "type")]
    pub payment_type: PaymentType,
    pub label: String,
    pub is_test: bool,
    pub days_to_pay: Option<u32>,
}

/// How shoppers pay.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum PaymentType {
    /// By a card that is typed here
    Card,
    /// On a page of the provider's
    HostedPage,
    /// By a transfer, later
    Invoice,
    /// In a way that this page does not know yet
    #[serde(other)]
    Other,
}

/// Where it can be delivered to.
#[derive(Clone, Debug, Deserialize)]
pub struct Country {
    pub code: String,
    pub name: String,
}

/// How it can be delivered.
#[derive(Clone, Debug, Deserialize)]
pub struct Rate {
    pub method: String,
    pub name: String,
    pub days: String,
    pub price: Money,
}

/// Where it can be picked up.
#[derive(Clone, Debug, Deserialize)]
pub struct Shop {
    pub slug: String,
    pub name: String,
    pub address: Place,
    pub hours: Vec<Hours>,
}

/// Where that is.
#[derive(Clone, Debug, Deserialize)]
pub struct Place {
    pub line1: String,
    pub postal_code: String,
    pub city: String,
}

/// When it is open.
#[derive(Clone, Debug, Deserialize)]
pub struct Hours {
    pub days: String,
    pub hours: String,
}

/// What it costs.
#[derive(Clone, Debug, Deserialize)]
pub struct Quote {
    pub token: String,
    pub subtotal: Money,
    pub shipping: Money,
    pub tax: Money,
    pub total: Money,
}

/// The form as it was typed. It holds a card, so it has no `Debug`.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Form {
    #[serde(skip_serializing)]
    pub step: String,
    /// `<sku>:<quantity>`: so many of that and no more, because that is all there is
    #[serde(skip_serializing)]
    pub take: String,
    #[serde(skip_serializing)]
    pub key: String,
    /// What the page that was filled in showed, by [`Checkout::seen`]
    #[serde(skip_serializing)]
    pub seen: String,
    pub email: String,
    pub name: String,
    pub line1: String,
    pub line2: String,
    pub city: String,
    pub postal_code: String,
    pub country: String,
    pub shipping: String,
    pub shop: String,
    pub payment: String,
    #[serde(serialize_with = "revealed")]
    pub card_number: SecretString,
    pub card_expiry: String,
    #[serde(serialize_with = "revealed")]
    pub card_cvc: SecretString,
    pub quote: String,
    /// Whether there was a number or a code that this form no longer has
    #[serde(skip)]
    pub card_was_typed: bool,
}

/// For the BFF, which passes it on to payments.
fn revealed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

impl Form {
    /// What may stand on a page again: all but the card's number and its code.
    pub fn without_card(self) -> Self {
        Self {
            card_was_typed: [&self.card_number, &self.card_cvc]
                .iter()
                .any(|secret| !secret.expose_secret().is_empty()),
            card_number: SecretString::default(),
            card_cvc: SecretString::default(),
            ..self
        }
    }
}
