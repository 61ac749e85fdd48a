//! The checkout page.

use money::Money;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Cart, Shop, WaitingOrder};
use crate::upstream::{self, Country, PaymentOption, ShippingRate};

/// The checkout page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checkout {
    /// The cart. If it is empty, there is no quote and nothing to choose from
    pub cart: Cart,
    /// Countries that the shop delivers to
    pub countries: Vec<Country>,
    /// Chosen country, as an ISO 3166-1 alpha-2 code
    pub country: String,
    /// Shipping options for that country, the cheapest first
    pub shipping_options: Vec<ShippingRate>,
    /// Chosen shipping method: a `method` of `shipping_options`
    pub shipping: String,
    /// Shops for a pick-up in that country
    pub shops: Vec<Shop>,
    /// Slug of the chosen shop; the only shop if there is one; null otherwise
    pub shop: Option<String>,
    /// Payment options for the total, the default first; null if payments does not answer in time
    pub payment_options: Option<Vec<PaymentOption>>,
    /// Chosen payment option: a `provider` of `payment_options`; null if there are none
    pub payment: Option<String>,
    /// The quote; null if no item of the cart can be bought
    pub quote: Option<Quote>,
    /// Idempotency key to send with the order; a new one for each view of the page
    pub idempotency_key: Uuid,
    /// An order from this cart that is still in progress; placing another order cancels it. Null if there is none or orders
    /// does not answer in time
    pub waiting_order: Option<WaitingOrder>,
}

/// A binding quote, valid for 30 minutes. All amounts include tax.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quote {
    /// Signed token to send with the order
    pub token: String,
    /// Sum of the lines
    pub subtotal: Money,
    /// Shipping price
    pub shipping: Money,
    /// Tax contained in the total
    pub tax: Money,
    /// Amount to pay
    pub total: Money,
    /// Country of delivery, as an ISO 3166-1 alpha-2 code
    pub country: String,
    /// Shipping method
    pub method: String,
}

impl Quote {
    /// The quote for a country and a shipping method.
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
