//! Validated values of requests.

use serde::Deserialize;
use utoipa::ToSchema;
use values::{grammar, text_type};

text_type!(
    /// A stock keeping unit: any printable text of 1 to 64 characters, compared exactly.
    #[schema(min_length = 1, max_length = 64)]
    pub struct Sku(|text| grammar::code(text, 64));
);

/// A quantity from `MIN` to 99.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = u32, maximum = 99)]
pub struct Quantity<const MIN: u32>(pub u32);

impl<const MIN: u32> TryFrom<i64> for Quantity<MIN> {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        let fits = u32::try_from(number).ok().filter(|number| (MIN..=99).contains(number));
        fits.map(Self)
            .ok_or_else(|| format!("Please choose a quantity from {MIN} to 99."))
    }
}
