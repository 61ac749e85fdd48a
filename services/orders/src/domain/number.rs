//! Order numbers.

use values::{Malformed, text_type};

/// [Crockford's Base32](https://www.crockford.com/base32.html): without I, L, O and U, so that a number can be read out on
/// the telephone.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

text_type!(
    /// An order number for people: `S-` and eight characters of Crockford's Base32, drawn at random.
    #[schema(pattern = "^S-[0-9A-HJKMNP-TV-Z]{8}$")]
    pub struct OrderNumber(|text| {
        let digits = text.strip_prefix("S-").unwrap_or_default();
        let is_number = digits.len() == 8 && digits.bytes().all(|digit| DIGITS.contains(&digit));
        let malformed = Malformed::Rule("must be S- and eight characters of Base32");
        is_number.then(|| text.to_owned()).ok_or(malformed)
    });
);

impl OrderNumber {
    /// Makes a number of the 40 lowest bits of `random`.
    #[must_use]
    pub fn new(random: u64) -> Self {
        let digit = |place: u32| char::from(DIGITS[(random >> (5 * place) & 31) as usize]);
        Self("S-".chars().chain((0..8).map(digit)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_number_depends_on_each_of_its_40_bits() {
        assert_eq!(OrderNumber::new(0).as_str(), "S-00000000");
        assert_eq!(OrderNumber::new(u64::MAX).as_str(), "S-ZZZZZZZZ");
        for bit in 0..40 {
            let OrderNumber(text) = OrderNumber::new(1 << bit);
            assert_ne!(text, "S-00000000");
            assert!(OrderNumber::try_from(text).is_ok());
        }
        assert!(OrderNumber::try_from("S-0000000U".to_owned()).is_err());
    }
}
