//! Checked values: what has one of these types needs no second look.

use serde::Deserialize;
use utoipa::ToSchema;

/// A stock keeping unit: the name of what can be bought, any printable text, compared exactly.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(min_length = 1, max_length = 64)]
pub struct Sku(pub String);

impl TryFrom<String> for Sku {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let sku = text::code(&text, 64).map(Self);
        sku.map_err(|_| "This is not the name of anything that can be bought.")
    }
}

/// How many of a thing, `LEAST` to 99.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = u32, maximum = 99)]
pub struct Count<const LEAST: u32>(pub u32);

impl<const LEAST: u32> TryFrom<i64> for Count<LEAST> {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        let fits = u32::try_from(number)
            .ok()
            .filter(|number| (LEAST..=99).contains(number));
        fits.map(Self).ok_or_else(|| format!("Please choose {LEAST} to 99."))
    }
}
