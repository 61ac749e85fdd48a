//! Validated values. A value of one of these types is always valid.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use values::{Malformed, grammar, text_type};

text_type!(
    /// A stock keeping unit (SKU), which identifies a variant: 1 to 64 printable characters. SKUs are compared exactly,
    /// including case.
    #[schema(min_length = 1, max_length = 64)]
    pub struct Sku(|text| grammar::code(text, 64));
);

/// A number of units, 1 to 99.
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
        fits.map(Self).ok_or(Malformed::Rule("must be 1 to 99"))
    }
}

/// The price of one unit including tax: 0 to 1,000,000,000 minor units.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Money")]
pub struct UnitPrice(Money);

impl From<UnitPrice> for Money {
    fn from(price: UnitPrice) -> Self {
        price.0
    }
}

impl TryFrom<Money> for UnitPrice {
    type Error = Malformed;

    fn try_from(money: Money) -> Result<Self, Malformed> {
        if (0..=1_000_000_000).contains(&money.minor) {
            Ok(Self(money))
        } else {
            Err(Malformed::Rule("must be 0 to 1000000000 minor units"))
        }
    }
}

impl PartialSchema for UnitPrice {
    fn schema() -> RefOr<Schema> {
        Money::schema_within(0, 1_000_000_000)
    }
}

impl ToSchema for UnitPrice {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Currency::name().into(), Currency::schema()));
    }
}
