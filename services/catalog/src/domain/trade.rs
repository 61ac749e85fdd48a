//! Trade data of products and variants: status, GTIN and weight.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::{Malformed, text_type};

/// Whether a product is on sale: `draft` is not published yet, `active` is on sale, `archived` is no longer sold.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProductStatus {
    Draft,
    #[default]
    Active,
    Archived,
}

impl ProductStatus {
    /// The value in JSON and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }
}

impl TryFrom<String> for ProductStatus {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let all = [Self::Draft, Self::Active, Self::Archived];
        let status = all.into_iter().find(|status| status.as_str() == text);
        status.ok_or(Malformed::Rule("must be draft, active or archived"))
    }
}

text_type!(
    /// A [Global Trade Item Number](https://www.gs1.org/standards/id-keys/gtin) (EAN, UPC): 8, 12, 13 or 14 digits. The last
    /// digit is a check digit. Spaces and hyphens in a request are removed.
    #[schema(pattern = "^([0-9]{8}|[0-9]{12,14})$")]
    pub struct Gtin(gtin);
);

fn gtin(text: &str) -> Result<String, Malformed> {
    let digits: String = text
        .chars()
        .filter(|character| !matches!(character, ' ' | '-'))
        .collect();
    if !matches!(digits.len(), 8 | 12..=14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed::Rule("must be a GTIN of 8, 12, 13 or 14 digits"));
    }
    // Weights alternate between 1 and 3 from the right, beginning with 1 for the check digit.
    let weighted = digits.bytes().rev().zip([1_u32, 3].into_iter().cycle());
    let sum: u32 = weighted.map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    if sum.is_multiple_of(10) {
        Ok(digits)
    } else {
        Err(Malformed::Rule("must end with a valid check digit"))
    }
}

/// A weight with its unit.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Weight {
    /// The weight in this unit, 0 to 1,000,000.
    #[schema(value_type = f64, minimum = 0, maximum = 1_000_000)]
    pub value: WeightValue,
    /// The unit of the value.
    pub unit: WeightUnit,
}

/// A number from 0 to 1,000,000.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "f64")]
pub struct WeightValue(f64);

impl TryFrom<f64> for WeightValue {
    type Error = Malformed;

    fn try_from(value: f64) -> Result<Self, Malformed> {
        if (0.0..=1_000_000.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(Malformed::Rule("must be 0 to 1000000"))
        }
    }
}

/// A unit of weight: gram, kilogram, ounce or pound.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WeightUnit {
    G,
    Kg,
    Oz,
    Lb,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gtin_needs_a_valid_check_digit() {
        let gtin = |text: &str| Gtin::try_from(text.to_owned()).map(|gtin| gtin.0);
        for good in ["96385074", "036000291452", "4006381333931", "10012345678902"] {
            assert_eq!(gtin(good).unwrap(), good);
        }
        assert_eq!(gtin("978-3-16-148410-0").unwrap(), "9783161484100");
        for bad in [
            "",
            "4006381333932",
            "1",
            "400638133393",
            "4006381333931x",
            "４００６３８１３３３９３１",
        ] {
            assert!(gtin(bad).is_err(), "{bad}");
        }
    }
}
