//! Validated values.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use values::{Malformed, grammar, text_type};

/// The most units of one SKU in a cart.
const MAX_QUANTITY: u32 = 99;

text_type!(
    /// A stock keeping unit: any printable text of 1 to 64 characters, compared exactly.
    #[schema(min_length = 1, max_length = 64)]
    pub struct Sku(|text| grammar::code(text, 64));
);

/// A number of units, 1 to 99.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = u32, minimum = 1, maximum = 99)]
pub struct Quantity(u32);

impl Quantity {
    /// Returns the number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// The sum, unless it is more than 99.
    #[must_use]
    pub fn checked_add(self, more: Self) -> Option<Self> {
        Some(self.0 + more.0).filter(|sum| *sum <= MAX_QUANTITY).map(Self)
    }

    /// The difference, unless it is less than 1.
    #[must_use]
    pub fn checked_sub(self, less: Self) -> Option<Self> {
        self.0.checked_sub(less.0).filter(|rest| *rest > 0).map(Self)
    }

    /// The sum, or 99 if it is more.
    #[must_use]
    pub fn saturating_add(self, more: Self) -> Self {
        self.checked_add(more).unwrap_or(Self(MAX_QUANTITY))
    }
}

impl TryFrom<i64> for Quantity {
    type Error = Malformed;

    fn try_from(number: i64) -> Result<Self, Malformed> {
        match u32::try_from(number) {
            Ok(number @ 1..=MAX_QUANTITY) => Ok(Self(number)),
            _ => Err(Malformed::Rule("must be 1 to 99")),
        }
    }
}

/// A number of units, 0 to 99. 0 removes the line.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = u32, minimum = 0, maximum = 99)]
pub struct NewQuantity(pub Option<Quantity>);

impl TryFrom<i64> for NewQuantity {
    type Error = Malformed;

    fn try_from(number: i64) -> Result<Self, Malformed> {
        match number {
            0 => Ok(Self(None)),
            _ => Quantity::try_from(number)
                .map(|quantity| Self(Some(quantity)))
                .map_err(|_| Malformed::Rule("must be 0 to 99")),
        }
    }
}

/// The price of one unit when it was added to the cart, as the caller gave it: to be compared with the current price,
/// and never charged.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Money")]
pub struct UnitPrice(Money);

impl TryFrom<Money> for UnitPrice {
    type Error = Malformed;

    fn try_from(price: Money) -> Result<Self, Malformed> {
        match price.minor {
            0.. => Ok(Self(price)),
            _ => Err(Malformed::Rule("must not be negative")),
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
