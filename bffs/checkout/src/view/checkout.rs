//! The checkout page.

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Cart, Shop, WaitingOrder};
use crate::upstream::{self, Country, PaymentOption, Rate};

/// What the shopper decides on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checkout {
    /// What is bought; where it is empty, there is nothing else
    pub cart: Cart,
    /// Where it can be delivered to
    pub countries: Vec<Country>,
    /// Where it is delivered to
    pub country: String,
    /// How it can be delivered there, the cheapest first
    pub shipping_options: Vec<Rate>,
    /// How it is delivered
    pub shipping: String,
    /// Where it can be picked up in that country
    pub shops: Vec<Shop>,
    /// Where it is picked up, if that was chosen; the only shop, if there is but one
    pub shop: Option<String>,
    /// How so much can be paid, the usual way first; null where payments does not answer now
    pub payment_options: Option<Vec<PaymentOption>>,
    /// How it is paid: the `provider` of one of these, if there is one
    pub payment: Option<String>,
    /// What that costs; none where something cannot be bought
    pub quote: Option<Quote>,
    /// Names the intent to buy this: to be sent with the order
    pub idempotency_key: Uuid,
    /// An order from this cart that is not decided yet: ordering anew cancels it
    pub waiting_order: Option<WaitingOrder>,
}

/// What it costs: binding for half an hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quote {
    /// To be sent with the order
    pub token: String,
    /// The sum of the lines
    pub subtotal: Money,
    /// Delivery
    pub shipping: Money,
    /// The tax that the total contains
    pub tax: Money,
    /// What is to be paid
    pub total: Money,
    /// Where it is delivered to
    pub country: String,
    /// How it is delivered
    pub method: String,
}

impl Quote {
    /// A quote for a country and a way to deliver there.
    #[must_use]
    pub fn new(quote: upstream::Quote, country: &str, method: &str) -> Self {
        Self {
            token: quote.token,
            subtotal: quote.subtotal,
            shipping: quote.shipping.price,
            tax: quote.tax,
            total: quote.total,
            country: country.to_owned(),
            method: method.to_owned(),
        }
    }
}

impl Checkout {
    /// The page of an empty cart.
    #[must_use]
    pub fn empty(country: &str, shipping: &str, idempotency_key: Uuid, waiting_order: Option<WaitingOrder>) -> Self {
        Self {
            cart: Cart::default(),
            countries: Vec::new(),
            country: country.to_owned(),
            shipping_options: Vec::new(),
            shipping: shipping.to_owned(),
            shops: Vec::new(),
            shop: None,
            payment_options: Some(Vec::new()),
            payment: None,
            quote: None,
            idempotency_key,
            waiting_order,
        }
    }
}
