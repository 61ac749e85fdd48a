//! Checked values: what has one of these types needs no second look.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Of one thing, at most.
const UNITS: u32 = 99;

/// Why a value is not what it should be.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(&'static str);

/// A stock keeping unit: the name of what can be bought, any printable text, compared exactly.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(min_length = 1, max_length = 64)]
pub struct Sku(String);

impl TryFrom<String> for Sku {
    type Error = text::Flaw;

    fn try_from(text: String) -> Result<Self, text::Flaw> {
        text::code(&text, 64).map(Self)
    }
}

/// How many of a thing there are in a cart: 1 to 99.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = u32, minimum = 1, maximum = 99)]
pub struct Quantity(u32);

impl Quantity {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// Both together, if that is not too many.
    #[must_use]
    pub fn plus(self, more: Self) -> Option<Self> {
        Some(self.0 + more.0).filter(|sum| *sum <= UNITS).map(Self)
    }

    /// What is left of it, if anything.
    #[must_use]
    pub fn minus(self, less: Self) -> Option<Self> {
        self.0.checked_sub(less.0).filter(|left| *left > 0).map(Self)
    }

    /// Both together, or as many as there may be.
    #[must_use]
    pub fn plus_or_most(self, more: Self) -> Self {
        self.plus(more).unwrap_or(Self(UNITS))
    }
}

impl TryFrom<i64> for Quantity {
    type Error = Malformed;

    fn try_from(number: i64) -> Result<Self, Malformed> {
        match u32::try_from(number) {
            Ok(number @ 1..=UNITS) => Ok(Self(number)),
            _ => Err(Malformed("must be 1 to 99")),
        }
    }
}

/// How many of a thing there shall be: a quantity, or none.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = u32, minimum = 0, maximum = 99)]
pub struct Wanted(pub Option<Quantity>);

impl TryFrom<i64> for Wanted {
    type Error = Malformed;

    fn try_from(number: i64) -> Result<Self, Malformed> {
        match number {
            0 => Ok(Self(None)),
            _ => Quantity::try_from(number)
                .map(|quantity| Self(Some(quantity)))
                .map_err(|_| Malformed("must be 0 to 99")),
        }
    }
}

/// What one of a thing cost when it was put in, as whoever put it in says: to be compared with today's price, and
/// never charged.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Money")]
pub struct UnitPrice(Money);

impl TryFrom<Money> for UnitPrice {
    type Error = Malformed;

    fn try_from(price: Money) -> Result<Self, Malformed> {
        match price.minor {
            0.. => Ok(Self(price)),
            _ => Err(Malformed("must not be negative")),
        }
    }
}

impl PartialSchema for UnitPrice {
    fn schema() -> RefOr<Schema> {
        Money::schema_within(0, isize::MAX)
    }
}

impl ToSchema for UnitPrice {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Currency::name().into(), Currency::schema()));
    }
}
