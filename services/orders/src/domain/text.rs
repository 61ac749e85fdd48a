//! Validated texts, and those of stored orders.

use serde::{Deserialize, Serialize};
use values::{Email, Malformed, grammar, text_type};

/// Bytes of a quote's token, at most: enough for 50 lines.
const MAX_TOKEN_LENGTH: usize = 32 * 1024;

text_type!(
    /// The SKU (stock keeping unit) of a product variant: 1 to 64 printable characters, compared exactly.
    #[schema(min_length = 1, max_length = 64)]
    pub struct Sku(|text| grammar::code(text, 64));
);

text_type!(
    /// The id of a payment method at payments: `pm_` and up to 61 visible ASCII characters.
    pub struct PaymentMethodId(|text| {
        let is_id = text.len() <= 64 && text.starts_with("pm_") && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_id.then(|| text.to_owned()).ok_or(Malformed::Rule("must be the id of a payment method"))
    });
);

text_type!(
    /// A signed quote: a compact JWS ([RFC 7515](https://www.rfc-editor.org/rfc/rfc7515)) of at most 32 KiB.
    pub struct QuoteToken(|text| {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let mut parts = text.split('.');
        let is_token = text.len() <= MAX_TOKEN_LENGTH
            && text.split('.').count() == 3
            && parts.all(|part| part.bytes().all(is_base64url));
        is_token.then(|| text.to_owned()).ok_or(Malformed::Rule("must be the token of a quote"))
    });
);

/// The e-mail address of an order, which was checked when the order was placed. It is not checked again: older orders were
/// placed under a looser rule than [`Email`]'s, and must still be readable.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct StoredEmail(String);

impl AsRef<str> for StoredEmail {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&Email> for StoredEmail {
    fn from(email: &Email) -> Self {
        Self(email.to_string())
    }
}

impl From<String> for StoredEmail {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A line of text: 1 to `MAX` characters, no control characters, not only white space. It may have invisible characters, which
/// `values::Line` refuses, because older orders have such texts and must still be readable. [`super::CreateOrder::to_order`]
/// refuses them in new addresses.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String")]
pub struct LenientLine<const MAX: usize>(String);

impl<const MAX: usize> TryFrom<String> for LenientLine<MAX> {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        if text.trim().is_empty() {
            return Err(Malformed::Empty);
        }
        if text.chars().count() > MAX {
            return Err(Malformed::TooLong(MAX));
        }
        if text.chars().any(char::is_control) {
            return Err(Malformed::Hidden);
        }
        Ok(Self(text))
    }
}

impl<const MAX: usize> AsRef<str> for LenientLine<MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A name, a street, a city.
pub type ShortText = LenientLine<120>;
/// A product's name with a variant's label.
pub type Title = LenientLine<250>;
pub type PostalCode = LenientLine<16>;

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts<T: TryFrom<String>>(text: &str) -> bool {
        T::try_from(text.to_owned()).is_ok()
    }

    #[test]
    fn quote_token_has_three_parts() {
        assert!(accepts::<QuoteToken>("aA0-_.b.c"));
        for bad in ["", "a.b", "a.b.c.d", "a.b.c=", "a.b\0.c", "a b.c.d"] {
            assert!(!accepts::<QuoteToken>(bad), "{bad:?}");
        }
    }

    #[test]
    fn short_text_is_one_line() {
        assert!(accepts::<ShortText>("Straße 1"));
        for bad in ["", "  ", "a\nb", "a\0", &"x".repeat(121)] {
            assert!(!accepts::<ShortText>(bad), "{bad:?}");
        }
    }
}
