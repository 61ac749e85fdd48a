//! Prices and quotes, and their validation rules.

mod delivery;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use values::Violation;

pub use delivery::{Country, ShippingMethod};
pub use value::{Quantity, Sku, UnitPrice};

const QUOTE_LIFETIME: TimeDelta = TimeDelta::minutes(30);
const MAX_LINES: usize = 50;

/// The price of a SKU in one currency.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct SkuPrice {
    /// The variant's SKU.
    pub sku: Sku,
    /// The price of one unit including tax.
    pub price: UnitPrice,
    /// The previous price, to be shown beside the price, or null. It must be higher than the price and in the same
    /// currency. It is never charged.
    #[serde(default)]
    #[schema(value_type = Option<Money>)]
    pub compare_at: Option<UnitPrice>,
}

impl SkuPrice {
    /// Checks the rules that the types of the fields cannot express. Empty if the price is valid.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let Some(previous) = self.compare_at.map(Money::from) else {
            return Vec::new();
        };
        let current = Money::from(self.price);
        if previous.currency != current.currency {
            return vec![Violation::new(
                "/compare_at/currency",
                "This must be the currency of the price.",
            )];
        }
        if previous.minor > current.minor {
            Vec::new()
        } else {
            vec![Violation::new("/compare_at", "This must be more than the price.")]
        }
    }
}

/// Cannot happen within the limits of prices and quantities; checked nevertheless, so that amounts never wrap around.
fn amount_violation(error: money::Error) -> Violation {
    let detail = match error {
        money::Error::Overflow => "The amount is too large.",
        money::Error::Mixed(..) => "The amounts have different currencies.",
    };
    Violation::new("/lines", detail)
}

/// A request for a quote.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct QuoteRequest {
    /// ISO 4217 currency code. It must be the currency of the country.
    pub currency: Currency,
    /// ISO 3166-1 alpha-2 code of the country of delivery.
    pub country: Country,
    /// The shipping method.
    pub shipping: ShippingMethod,
    /// The variants to buy, 1 to 50 lines with different SKUs.
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<QuoteRequestLine>,
}

/// A variant and its quantity.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct QuoteRequestLine {
    /// The variant's SKU.
    pub sku: Sku,
    /// The number of units, 1 to 99.
    pub quantity: Quantity,
}

/// The total price of an order, valid until it expires. Prices include tax. All amounts are in the same currency.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Quote {
    /// The quote's ID, a UUID.
    pub id: Uuid,
    /// When the quote expires, 30 minutes after its creation, in whole seconds.
    pub expires_at: DateTime<Utc>,
    /// ISO 4217 currency code of all amounts.
    pub currency: Currency,
    /// ISO 3166-1 alpha-2 code of the country of delivery.
    pub country: Country,
    /// The shipping method and its price.
    pub shipping: QuoteShipping,
    /// The lines in the order of the request.
    pub lines: Vec<QuoteLine>,
    /// The sum of the lines, without shipping.
    pub subtotal: Money,
    /// The VAT that is contained in the total.
    pub tax: Money,
    /// The amount to pay: subtotal plus shipping.
    pub total: Money,
}

/// The shipping of a quote.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct QuoteShipping {
    /// The shipping method.
    pub method: ShippingMethod,
    /// The name of the method, for example `Standard delivery`.
    pub name: &'static str,
    /// The price including tax.
    pub price: Money,
}

/// A line of a quote.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct QuoteLine {
    /// The variant's SKU.
    pub sku: Sku,
    /// The number of units, 1 to 99.
    pub quantity: Quantity,
    /// The price of one unit including tax.
    pub unit_price: Money,
    /// The price of all units of this line including tax.
    pub total: Money,
}

impl QuoteRequest {
    /// Checks the rules that the types of the fields cannot express. Empty if the request is valid.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        if self.currency != self.country.currency() {
            let detail = format!("This must be {} for this country.", self.country.currency().code());
            found.push(Violation::new("/currency", detail));
        }
        if self.lines.is_empty() || self.lines.len() > MAX_LINES {
            found.push(Violation::new("/lines", "There must be 1 to 50 lines."));
        }
        let mut skus = BTreeSet::new();
        for (index, line) in self.lines.iter().enumerate() {
            if !skus.insert(&line.sku) {
                found.push(Violation::new(
                    format!("/lines/{index}/sku"),
                    "This SKU is listed twice.",
                ));
            }
        }
        found
    }

    /// Makes the quote at these prices. The request must have no violations.
    ///
    /// # Errors
    /// A SKU has no price.
    pub fn quote(&self, prices: &BTreeMap<Sku, Money>, id: Uuid, now: DateTime<Utc>) -> Result<Quote, Vec<Violation>> {
        let lines = self.price_lines(prices)?;
        let price = self.shipping.price(self.country);
        let (subtotal, tax, total) = self
            .totals(&lines, price)
            .map_err(|error| vec![amount_violation(error)])?;
        let shipping = QuoteShipping {
            method: self.shipping,
            name: self.shipping.name(),
            price,
        };
        let expires_at = (now + QUOTE_LIFETIME).trunc_subsecs(0);
        let Self { currency, country, .. } = *self;
        Ok(Quote {
            id,
            expires_at,
            currency,
            country,
            shipping,
            lines,
            subtotal,
            tax,
            total,
        })
    }

    fn price_lines(&self, prices: &BTreeMap<Sku, Money>) -> Result<Vec<QuoteLine>, Vec<Violation>> {
        let (mut lines, mut violations) = (Vec::new(), Vec::new());
        for (index, QuoteRequestLine { sku, quantity }) in self.lines.iter().enumerate() {
            let Some(&unit_price) = prices.get(sku) else {
                violations.push(Violation::new(
                    format!("/lines/{index}/sku"),
                    "There is no price for this SKU.",
                ));
                continue;
            };
            match unit_price.times(u32::from(*quantity)) {
                Ok(total) => lines.push(QuoteLine {
                    sku: sku.clone(),
                    quantity: *quantity,
                    unit_price,
                    total,
                }),
                Err(error) => violations.push(amount_violation(error)),
            }
        }
        if violations.is_empty() {
            Ok(lines)
        } else {
            Err(violations)
        }
    }

    /// Subtotal, tax and total. Tax is calculated from the total, so that it is rounded once and not for each line.
    fn totals(&self, lines: &[QuoteLine], shipping: Money) -> Result<(Money, Money, Money), money::Error> {
        let subtotal = Money::sum(lines.iter().map(|line| line.total), self.currency)?;
        let total = subtotal.plus(shipping)?;
        let vat = self.country.vat();
        Ok((subtotal, total.share(vat, 100 + vat)?, total))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(country: Country, quantities: &[i64]) -> QuoteRequest {
        let line = |(index, &quantity): (usize, &i64)| QuoteRequestLine {
            sku: sku(index),
            quantity: quantity.try_into().unwrap(),
        };
        let lines = quantities.iter().enumerate().map(line).collect();
        QuoteRequest {
            currency: Currency::Eur,
            country,
            shipping: ShippingMethod::Standard,
            lines,
        }
    }

    fn sku(index: usize) -> Sku {
        format!("sku-{index}").try_into().unwrap()
    }

    fn prices(minors: &[i64]) -> BTreeMap<Sku, Money> {
        let price = |(index, &minor)| (sku(index), Money::new(minor, Currency::Eur));
        minors.iter().enumerate().map(price).collect()
    }

    #[test]
    fn total_includes_tax() {
        let quote = request(Country::It, &[2])
            .quote(&prices(&[4800]), Uuid::nil(), DateTime::UNIX_EPOCH)
            .unwrap();
        let euro = |minor| Money::new(minor, Currency::Eur);
        assert_eq!(
            (quote.subtotal, quote.shipping.price, quote.total),
            (euro(9600), euro(790), euro(10390))
        );
        assert_eq!(quote.tax, euro(1874));
    }

    #[test]
    fn quote_expires_after_thirty_minutes() {
        let now = DateTime::from_timestamp(1000, 999_999_000).unwrap();
        let quote = request(Country::De, &[1])
            .quote(&prices(&[1]), Uuid::nil(), now)
            .unwrap();
        assert_eq!(quote.expires_at, DateTime::from_timestamp(1000 + 30 * 60, 0).unwrap());
    }

    proptest! {
        #[test]
        fn amounts_of_a_quote_add_up(lines in prop::collection::vec((0_i64..=1_000_000_000, 1_i64..=99), 1..=50), index in 0..7_usize) {
            let (minors, quantities): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
            let country = Country::ALL[index];
            let quote = request(country, &quantities).quote(&prices(&minors), Uuid::nil(), DateTime::UNIX_EPOCH).unwrap();
            let sum: i64 = minors.iter().zip(&quantities).map(|(minor, quantity)| minor * quantity).sum();
            prop_assert_eq!(quote.subtotal.minor, sum);
            prop_assert_eq!(quote.total.minor, sum + quote.shipping.price.minor);
            // Tax divided by the net amount is the rate, up to one rounding.
            let net = quote.total.minor - quote.tax.minor;
            prop_assert!((net * i64::from(country.vat()) - quote.tax.minor * 100).abs() <= 100);
        }
    }
}
