//! Order numbers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Malformed;

/// [Crockford's Base32](https://www.crockford.com/base32.html): no I, L, O, U, so that it can be
/// read out on the telephone.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What an order is called between people: `S-` and eight digits that say nothing about the others.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = "^S-[0-9A-HJKMNP-TV-Z]{8}$")]
pub struct Number(String);

impl Number {
    /// The number made of 40 random bits.
    #[must_use]
    pub fn new(random: u64) -> Self {
        let digit = |place: u32| char::from(DIGITS[(random >> (5 * place) & 31) as usize]);
        Self("S-".chars().chain((0..8).map(digit)).collect())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Number {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let digits = text.strip_prefix("S-").unwrap_or_default();
        if digits.len() == 8 && digits.bytes().all(|digit| DIGITS.contains(&digit)) {
            Ok(Self(text))
        } else {
            Err(Malformed::new("must be S- and eight digits"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_counts() {
        assert_eq!(Number::new(0).as_str(), "S-00000000");
        assert_eq!(Number::new(u64::MAX).as_str(), "S-ZZZZZZZZ");
        for bit in 0..40 {
            let Number(text) = Number::new(1 << bit);
            assert_ne!(text, "S-00000000");
            assert!(Number::try_from(text).is_ok());
        }
        assert!(Number::try_from("S-0000000U".to_owned()).is_err());
    }
}
