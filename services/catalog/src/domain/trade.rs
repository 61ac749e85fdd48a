//! What trade wants to know of goods: whether they are on sale, their number, their weight.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Malformed;

/// Whether a product is on sale.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is being prepared: nobody sees it
    Draft,
    /// It is on sale
    #[default]
    Active,
    /// It is sold no longer, and stays on record
    Archived,
}

impl Status {
    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }
}

impl TryFrom<String> for Status {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let all = [Self::Draft, Self::Active, Self::Archived];
        let status = all.into_iter().find(|status| status.as_str() == text);
        status.ok_or_else(|| Malformed::new("must be draft, active or archived"))
    }
}

/// A [Global Trade Item Number](https://www.gs1.org/standards/id-keys/gtin): 8, 12, 13 or 14 digits, the last of which
/// proves the others.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(pattern = "^([0-9]{8}|[0-9]{12,14})$")]
pub struct Gtin(String);

impl Gtin {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Gtin {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let digits: String = text
            .chars()
            .filter(|character| !matches!(character, ' ' | '-'))
            .collect();
        if !matches!(digits.len(), 8 | 12..=14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Malformed::new("must be a GTIN of 8, 12, 13 or 14 digits"));
        }
        // Weighted from the right: the check digit once, the one before it three times, and so on.
        let weighted = digits.bytes().rev().zip([1_u32, 3].into_iter().cycle());
        let sum: u32 = weighted.map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
        if sum.is_multiple_of(10) {
            Ok(Self(digits))
        } else {
            Err(Malformed::new("must end with the check digit of the others"))
        }
    }
}

/// What something weighs.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Weight {
    /// How much: 0 to 1,000,000
    #[schema(value_type = f64, minimum = 0, maximum = 1_000_000)]
    pub value: Mass,
    /// Of what
    pub unit: Unit,
}

/// A number that can be a weight.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "f64")]
pub struct Mass(f64);

impl TryFrom<f64> for Mass {
    type Error = Malformed;

    fn try_from(value: f64) -> Result<Self, Malformed> {
        if (0.0..=1_000_000.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(Malformed::new("must be 0 to 1000000"))
        }
    }
}

/// A unit of weight.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Grams
    G,
    /// Kilograms
    Kg,
    /// Ounces
    Oz,
    /// Pounds
    Lb,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_proves_the_others() {
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
