//! A quote: prices that pricing has signed.

use chrono::{DateTime, Utc};
use money::Money;
use serde::Deserialize;
use uuid::Uuid;
use values::CountryCode;

use super::{OrderLine, Shipping, Sku, Title};

/// The claims of a quote that an order needs.
#[derive(Clone, Debug, Deserialize)]
pub struct Quote {
    /// Each id is good for one order.
    pub id: Uuid,
    exp: i64,
    pub(super) country: CountryCode,
    pub(super) shipping: Shipping,
    pub(super) lines: Vec<QuoteLine>,
    pub(super) subtotal: Money,
    pub(super) tax: Money,
    pub(super) total: Money,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct QuoteLine {
    pub(super) sku: Sku,
    quantity: u32,
    unit_price: Money,
    total: Money,
}

impl Quote {
    #[must_use]
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.exp <= now.timestamp()
    }
}

impl QuoteLine {
    pub(super) fn into_order_line(self, title: Title) -> OrderLine {
        let Self {
            sku,
            quantity,
            unit_price,
            total,
        } = self;
        OrderLine {
            sku,
            title,
            quantity,
            unit_price,
            total,
        }
    }
}
