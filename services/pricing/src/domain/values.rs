//! Checked values: what has one of these types needs no second look.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A stock keeping unit: the name of what can be bought, any printable text, compared exactly.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(min_length = 1, max_length = 64)]
pub struct Sku(String);

impl Sku {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a value is not what it should be.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(&'static str);

impl TryFrom<String> for Sku {
    type Error = text::Flaw;

    fn try_from(text: String) -> Result<Self, text::Flaw> {
        text::code(&text, 64).map(Self)
    }
}

/// How many of a thing: 1 to 99.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = u32, minimum = 1, maximum = 99)]
pub struct Quantity(u32);

impl From<Quantity> for u32 {
    fn from(quantity: Quantity) -> Self {
        quantity.0
    }
}

impl TryFrom<i64> for Quantity {
    type Error = Malformed;

    fn try_from(number: i64) -> Result<Self, Malformed> {
        let fits = u32::try_from(number).ok().filter(|number| (1..=99).contains(number));
        fits.map(Self).ok_or(Malformed("must be 1 to 99"))
    }
}

/// What one of a thing costs, tax included: 0 to 10⁹ minor units.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Money")]
pub struct Price(Money);

impl From<Price> for Money {
    fn from(price: Price) -> Self {
        price.0
    }
}

impl TryFrom<Money> for Price {
    type Error = Malformed;

    fn try_from(money: Money) -> Result<Self, Malformed> {
        if (0..=1_000_000_000).contains(&money.minor) {
            Ok(Self(money))
        } else {
            Err(Malformed("must be 0 to 1000000000 minor units"))
        }
    }
}

impl PartialSchema for Price {
    fn schema() -> RefOr<Schema> {
        Money::schema_within(0, 1_000_000_000)
    }
}

impl ToSchema for Price {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Currency::name().into(), Currency::schema()));
    }
}
