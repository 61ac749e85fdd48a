//! The checkout page and its form.

use money::Money;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use super::{Cart, WaitingOrder};

/// The shipping method for picking an order up in a shop.
pub const PICKUP: &str = "pickup";

/// The checkout page.
#[derive(Clone, Debug, Deserialize)]
pub struct Checkout {
    pub cart: Cart,
    pub countries: Vec<Country>,
    pub country: String,
    pub shipping_options: Vec<ShippingRate>,
    pub shipping: String,
    pub shops: Vec<Shop>,
    pub shop: Option<String>,
    /// The default first; `None` if payments does not answer
    #[serde(default)]
    pub payment_options: Option<Vec<PaymentOption>>,
    #[serde(default)]
    pub payment: Option<String>,
    pub quote: Option<Quote>,
    pub idempotency_key: String,
    /// An order from this cart that is still in progress; placing another order cancels it
    #[serde(default)]
    pub waiting_order: Option<WaitingOrder>,
}

impl Checkout {
    /// Whether a payment option takes a card.
    pub fn takes_cards(&self) -> bool {
        let mut options = self.payment_options.iter().flatten();
        options.any(|option| option.payment_type == PaymentType::Card)
    }

    /// The lines and the subtotal that the page shows, to be compared with the next page: `<sku>:<quantity>,… <amount>`.
    pub fn shown_prices(&self) -> Option<String> {
        let amount = self.quote.as_ref()?.subtotal;
        let lines = self.cart.lines.iter().filter(|line| !line.discontinued);
        let lines: Vec<_> = lines.map(|line| format!("{}:{}", line.sku, line.quantity)).collect();
        Some(format!("{} {amount}", lines.join(",")))
    }

    /// Whether the same lines have another subtotal than on the page that was filled in.
    pub fn has_new_prices_since(&self, shown: &str) -> bool {
        let current = self.shown_prices().unwrap_or_default();
        // A SKU may contain spaces, an amount does not.
        let both = shown.rsplit_once(' ').zip(current.rsplit_once(' '));
        both.is_some_and(|((lines, amount), current)| lines == current.0 && amount != current.1)
    }
}

/// A payment option.
#[derive(Clone, Debug, Deserialize)]
pub struct PaymentOption {
    pub provider: String,
    #[serde(rename = "type")]
    pub payment_type: PaymentType,
    pub label: String,
    pub is_test: bool,
    pub days_to_pay: Option<u32>,
}

/// How an order is paid.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum PaymentType {
    /// With a card that is entered in the checkout form
    Card,
    /// On the provider's page
    HostedPage,
    /// By bank transfer, after the order is confirmed
    Invoice,
    /// A type that this page does not know yet
    #[serde(other)]
    Other,
}

/// A country that the shop delivers to.
#[derive(Clone, Debug, Deserialize)]
pub struct Country {
    pub code: String,
    pub name: String,
}

/// A shipping method with its price.
#[derive(Clone, Debug, Deserialize)]
pub struct ShippingRate {
    pub method: String,
    pub name: String,
    pub days: String,
    pub price: Money,
}

/// A shop where an order can be picked up.
#[derive(Clone, Debug, Deserialize)]
pub struct Shop {
    pub slug: String,
    pub name: String,
    pub address: ShopAddress,
    pub hours: Vec<OpeningHours>,
}

/// The address of a shop.
#[derive(Clone, Debug, Deserialize)]
pub struct ShopAddress {
    pub line1: String,
    pub postal_code: String,
    pub city: String,
}

/// The opening hours of some days.
#[derive(Clone, Debug, Deserialize)]
pub struct OpeningHours {
    pub days: String,
    pub hours: String,
}

/// A binding quote.
#[derive(Clone, Debug, Deserialize)]
pub struct Quote {
    pub token: String,
    pub subtotal: Money,
    pub shipping: Money,
    pub tax: Money,
    pub total: Money,
}

/// The checkout form as the shopper filled it in. It holds a card, so it has no `Debug`.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct CheckoutForm {
    #[serde(skip_serializing)]
    pub step: String,
    /// `<sku>:<quantity>`: lowers the quantity of this line to what is in stock
    #[serde(skip_serializing)]
    pub set_quantity: String,
    #[serde(skip_serializing)]
    pub key: String,
    /// [`Checkout::shown_prices`] of the page that was filled in
    #[serde(skip_serializing)]
    pub shown_prices: String,
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
    #[serde(serialize_with = "expose")]
    pub card_number: SecretString,
    pub card_expiry: String,
    #[serde(serialize_with = "expose")]
    pub card_cvc: SecretString,
    pub quote: String,
    /// Whether card number or security code have been dropped from this form
    #[serde(skip)]
    pub card_was_dropped: bool,
}

/// For the BFF, which passes it on to payments.
fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

impl CheckoutForm {
    /// The form without card number and security code, which no page may contain.
    pub fn without_card(self) -> Self {
        Self {
            card_was_dropped: [&self.card_number, &self.card_cvc]
                .iter()
                .any(|secret| !secret.expose_secret().is_empty()),
            card_number: SecretString::default(),
            card_cvc: SecretString::default(),
            ..self
        }
    }
}
