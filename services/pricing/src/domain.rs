//! Prices and quotes, and the rules they keep.

mod delivery;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use delivery::{Country, Method};
pub use values::{Malformed, Price, Quantity, Sku};

/// How long a quote holds.
const LIFE: TimeDelta = TimeDelta::minutes(30);
/// Lines of one quote, at most.
const MANY: usize = 50;

/// What one of a thing costs.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Item {
    /// The thing
    pub sku: Sku,
    /// Its price, tax included
    pub price: Price,
    /// What it cost before, to be shown beside the price: more than that, in the same currency
    #[serde(default)]
    #[schema(value_type = Option<Money>)]
    pub compare_at: Option<Price>,
}

impl Item {
    /// The rules that its fields break taken together, none where it is sound.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let Some(before) = self.compare_at.map(Money::from) else {
            return Vec::new();
        };
        let now = Money::from(self.price);
        if before.currency != now.currency {
            return vec![Violation::new(
                "/compare_at/currency",
                "This must be the currency of the price.",
            )];
        }
        if before.minor > now.minor {
            Vec::new()
        } else {
            vec![Violation::new("/compare_at", "This must be more than the price.")]
        }
    }
}

/// A rule that a field breaks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Where, as a JSON pointer: `/lines/0/sku`
    pub pointer: String,
    /// What is wrong, for people
    pub detail: String,
}

impl Violation {
    /// A broken rule.
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// Unreachable while quantities and prices are bounded, yet never wrapped around.
impl From<money::Error> for Violation {
    fn from(error: money::Error) -> Self {
        let detail = match error {
            money::Error::Overflow => "The amount is too large.",
            money::Error::Mixed(..) => "The amounts have different currencies.",
        };
        Self::new("/lines", detail)
    }
}

/// The question that a quote answers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Enquiry {
    /// What is paid with: the country's currency
    pub currency: Currency,
    /// Where it is delivered to
    pub country: Country,
    /// How it is delivered
    pub shipping: Method,
    /// What is bought, each SKU once
    #[schema(min_items = 1, max_items = 50)]
    pub lines: Vec<Wanted>,
}

/// So many of a thing.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Wanted {
    /// The thing
    pub sku: Sku,
    /// How many
    pub quantity: Quantity,
}

/// What it costs, all of it, until when.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Quote {
    /// Its name
    pub id: Uuid,
    /// When it ends; a whole second
    pub expires_at: DateTime<Utc>,
    /// What is paid with
    pub currency: Currency,
    /// Where it is delivered to
    pub country: Country,
    /// How it is delivered
    pub shipping: Shipping,
    /// What is bought
    pub lines: Vec<Line>,
    /// The sum of the lines
    pub subtotal: Money,
    /// The tax that the total contains
    pub tax: Money,
    /// What is to be paid
    pub total: Money,
}

/// Delivery in a quote.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Shipping {
    /// How
    pub method: Method,
    /// That, for people
    pub name: &'static str,
    /// What it costs, tax included
    pub price: Money,
}

/// A line of a quote.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Line {
    /// The thing
    pub sku: Sku,
    /// How many
    pub quantity: Quantity,
    /// What one costs, tax included
    pub unit_price: Money,
    /// What all of them cost
    pub total: Money,
}

impl Enquiry {
    /// The rules that its fields break taken together, none where it is sound.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        if self.currency != self.country.currency() {
            let detail = format!("This must be {} for this country.", self.country.currency().code());
            found.push(Violation::new("/currency", detail));
        }
        if self.lines.is_empty() || self.lines.len() > MANY {
            found.push(Violation::new("/lines", "There must be 1 to 50 lines."));
        }
        let mut skus = BTreeSet::new();
        for (index, line) in self.lines.iter().enumerate() {
            if !skus.insert(&line.sku) {
                found.push(Violation::new(
                    format!("/lines/{index}/sku"),
                    "This SKU is there twice.",
                ));
            }
        }
        found
    }

    /// The quote at these prices, named `id`, holding from `now` on. For an enquiry without violations.
    pub fn quote(&self, prices: &BTreeMap<Sku, Money>, id: Uuid, now: DateTime<Utc>) -> Result<Quote, Vec<Violation>> {
        let lines = self.priced(prices)?;
        let price = self.shipping.price(self.country);
        let (subtotal, tax, total) = self.sums(&lines, price).map_err(|error| vec![error.into()])?;
        let shipping = Shipping {
            method: self.shipping,
            name: self.shipping.name(),
            price,
        };
        let expires_at = (now + LIFE).trunc_subsecs(0);
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

    fn priced(&self, prices: &BTreeMap<Sku, Money>) -> Result<Vec<Line>, Vec<Violation>> {
        let (mut lines, mut violations) = (Vec::new(), Vec::new());
        for (index, Wanted { sku, quantity }) in self.lines.iter().enumerate() {
            let Some(&unit_price) = prices.get(sku) else {
                violations.push(Violation::new(
                    format!("/lines/{index}/sku"),
                    "There is no price for this SKU.",
                ));
                continue;
            };
            match unit_price.times(u32::from(*quantity)) {
                Ok(total) => lines.push(Line {
                    sku: sku.clone(),
                    quantity: *quantity,
                    unit_price,
                    total,
                }),
                Err(error) => violations.push(error.into()),
            }
        }
        if violations.is_empty() {
            Ok(lines)
        } else {
            Err(violations)
        }
    }

    /// Subtotal, tax, total. The tax is taken from the total and rounded once, not line by line.
    fn sums(&self, lines: &[Line], shipping: Money) -> Result<(Money, Money, Money), money::Error> {
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

    fn enquiry(country: Country, quantities: &[i64]) -> Enquiry {
        let line = |(index, &quantity): (usize, &i64)| Wanted {
            sku: sku(index),
            quantity: quantity.try_into().unwrap(),
        };
        let lines = quantities.iter().enumerate().map(line).collect();
        Enquiry {
            currency: Currency::Eur,
            country,
            shipping: Method::Standard,
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
    fn tax_is_contained_in_the_total() {
        let quote = enquiry(Country::It, &[2])
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
    fn a_quote_holds_half_an_hour() {
        let now = DateTime::from_timestamp(1000, 999_999_000).unwrap();
        let quote = enquiry(Country::De, &[1])
            .quote(&prices(&[1]), Uuid::nil(), now)
            .unwrap();
        assert_eq!(quote.expires_at, DateTime::from_timestamp(1000 + 30 * 60, 0).unwrap());
    }

    proptest! {
        #[test]
        fn amounts_add_up(lines in prop::collection::vec((0_i64..=1_000_000_000, 1_i64..=99), 1..=50), place in 0..7_usize) {
            let (minors, quantities): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
            let country = Country::ALL[place];
            let quote = enquiry(country, &quantities).quote(&prices(&minors), Uuid::nil(), DateTime::UNIX_EPOCH).unwrap();
            let sum: i64 = minors.iter().zip(&quantities).map(|(minor, quantity)| minor * quantity).sum();
            prop_assert_eq!(quote.subtotal.minor, sum);
            prop_assert_eq!(quote.total.minor, sum + quote.shipping.price.minor);
            // Tax over net is the rate, to within the one rounding.
            let net = quote.total.minor - quote.tax.minor;
            prop_assert!((net * i64::from(country.vat()) - quote.tax.minor * 100).abs() <= 100);
        }
    }
}
