//! Checked texts: what has one of these types needs no second look.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A quote's token, at most: fifty lines fit well.
const TOKEN: usize = 32 * 1024;

/// Why a text is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

impl Malformed {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Declares a text that is checked once, where it comes in.
macro_rules! checked {
    ($(#[$doc:meta])* $name:ident, $is_sound:expr, $reason:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
        #[serde(try_from = "String")]
        #[schema(value_type = String)]
        pub struct $name(String);

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<Self, Malformed> {
                let is_sound: fn(&str) -> bool = $is_sound;
                if is_sound(&text) { Ok(Self(text)) } else { Err(Malformed::new($reason)) }
            }
        }
    };
}

/// A stock keeping unit: the name of what can be bought, any printable text, compared exactly.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(min_length = 1, max_length = 64)]
pub struct Sku(String);

impl AsRef<str> for Sku {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sku {
    type Error = text::Flaw;

    fn try_from(text: String) -> Result<Self, text::Flaw> {
        text::code(&text, 64).map(Self)
    }
}

checked!(
    /// Where the shopper reads mail. Whether it arrives, only mail can tell.
    Email,
    |text| {
        let has_two_sides = text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.starts_with('.') && !host.ends_with('.') && host.contains('.') && !host.contains('@')
        });
        let is_visible = |character: char| !character.is_whitespace() && !character.is_control();
        text.len() <= 254 && has_two_sides && text.chars().all(is_visible)
    },
    "must be an e-mail address"
);

checked!(
    /// A country by its code of ISO 3166-1: two capital letters.
    Country,
    |text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
    "must be a country code of two capital letters"
);

checked!(
    /// What is paid with, as payments knows it.
    PaymentMethod,
    |text| text.len() <= 64 && text.starts_with("pm_") && text.bytes().all(|byte| byte.is_ascii_graphic()),
    "must be the id of a payment method"
);

checked!(
    /// A quote as its holder shows it: a compact JWS ([RFC 7515](https://www.rfc-editor.org/rfc/rfc7515)).
    Token,
    |text| {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let mut parts = text.split('.');
        text.len() <= TOKEN && text.split('.').count() == 3 && parts.all(|part| part.bytes().all(is_base64url))
    },
    "must be the token of a quote"
);

/// A line of words for people: 1 to `MAX` characters, none of them a control character.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String")]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        if text.trim().is_empty() {
            return Err(Malformed::new("must not be empty"));
        }
        if text.chars().count() > MAX {
            return Err(Malformed::new(format!("must be at most {MAX} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(Malformed::new("must not contain control characters"));
        }
        Ok(Self(text))
    }
}

impl<const MAX: usize> AsRef<str> for Text<MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A name, a street, a town.
pub type Name = Text<120>;
/// What is bought, for people: a product's name and a variant's label.
pub type Title = Text<250>;
/// A postal code.
pub type Postcode = Text<16>;

#[cfg(test)]
mod tests {
    use super::*;

    fn takes<T: TryFrom<String>>(text: &str) -> bool {
        T::try_from(text.to_owned()).is_ok()
    }

    #[test]
    fn email_addresses_have_two_sides() {
        for good in ["ada@example.org", "a.b+c@d.e.example", "ä@münchen.example"] {
            assert!(takes::<Email>(good), "{good}");
        }
        for bad in [
            "",
            "ada",
            "@b.example",
            "ada@",
            "ada@localhost",
            "a@b@c.example",
            "a @b.example",
            "a@b.example\n",
        ] {
            assert!(!takes::<Email>(bad), "{bad:?}");
        }
    }

    #[test]
    fn tokens_have_three_parts() {
        assert!(takes::<Token>("aA0-_.b.c"));
        for bad in ["", "a.b", "a.b.c.d", "a.b.c=", "a.b\0.c", "a b.c.d"] {
            assert!(!takes::<Token>(bad), "{bad:?}");
        }
    }

    #[test]
    fn texts_stay_on_one_line() {
        assert!(takes::<Name>("Straße 1"));
        for bad in ["", "  ", "a\nb", "a\0", &"x".repeat(121)] {
            assert!(!takes::<Name>(bad), "{bad:?}");
        }
    }
}
