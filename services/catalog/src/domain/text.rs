//! Checked texts: what has one of these types needs no second look.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a text is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

impl Malformed {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A name in addresses: lower case letters and digits in groups joined by hyphens.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 64)]
pub struct Slug(String);

impl Slug {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let is_group = |group: &str| {
            !group.is_empty()
                && group
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        match text.len() <= 64 && text.split('-').all(is_group) {
            true => Ok(Self(text)),
            false => Err(Malformed::new(
                "must be at most 64 lower case letters and digits, in groups joined by hyphens",
            )),
        }
    }
}

/// A stock keeping unit: the name of what can be bought, written like a [`Slug`].
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(try_from = "String")]
pub struct Sku(Slug);

impl Sku {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<String> for Sku {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        Slug::try_from(text).map(Self)
    }
}

impl std::fmt::Display for Sku {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Words for people: `MIN` to `MAX` characters, line breaks allowed, other control characters not.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String")]
pub struct Text<const MAX: usize, const MIN: usize = 1>(String);

impl<const MAX: usize, const MIN: usize> Text<MAX, MIN> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize, const MIN: usize> TryFrom<String> for Text<MAX, MIN> {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        if MIN > 0 && text.trim().is_empty() {
            return Err(Malformed::new("must not be empty"));
        }
        if text.chars().count() > MAX {
            return Err(Malformed::new(format!("must be at most {MAX} characters")));
        }
        if text
            .chars()
            .any(|character| character.is_control() && character != '\n')
        {
            return Err(Malformed::new("must not contain control characters"));
        }
        Ok(Self(text))
    }
}

/// What a thing is called.
pub type Name = Text<120>;
/// A sentence about it.
pub type Summary = Text<300>;
/// All there is to say about it.
pub type Description = Text<5000>;
/// What a picture shows, for who cannot see it; empty where the words beside it say as much.
pub type Alt = Text<300, 0>;

/// An address in this shop: a path, and never another host's.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String")]
pub struct Href(String);

impl Href {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Href {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        // Browsers read a backslash as a slash, and `//host` as another host.
        let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
        let is_plain = text.len() <= 300 && text.bytes().all(|byte| byte.is_ascii_graphic());
        match is_path && is_plain {
            true => Ok(Self(text)),
            false => Err(Malformed::new("must be a path in this shop, such as /category/vases")),
        }
    }
}

/// A country by its [ISO 3166-1](https://www.iso.org/iso-3166-country-codes.html) code: two upper case letters.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String")]
pub struct Country(String);

impl Country {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Country {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        match text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            true => Ok(Self(text)),
            false => Err(Malformed::new("must be two upper case letters, such as DE")),
        }
    }
}
