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

impl From<text::Flaw> for Malformed {
    fn from(flaw: text::Flaw) -> Self {
        Self(flaw.to_string())
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
        Ok(Self(text::slug(&text, 64)?))
    }
}

/// A stock keeping unit: the name of what can be bought, any printable text, compared exactly.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(min_length = 1, max_length = 64)]
pub struct Sku(String);

impl Sku {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sku {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        Ok(Self(text::code(&text, 64)?))
    }
}

impl std::fmt::Display for Sku {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Words for people: `MIN` to `MAX` characters. Line breaks become `\n`, tabs spaces, and there are no other control
/// characters.
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

impl<const MAX: usize> Text<MAX, 0> {
    /// As much of a text as there is room for.
    #[must_use]
    pub fn cut(text: &str) -> Self {
        Self(text.chars().take(MAX).collect())
    }
}

impl<const MAX: usize, const MIN: usize> TryFrom<String> for Text<MAX, MIN> {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let text = text::prose(&text, MAX)?;
        if MIN > 0 && text::line(&text.replace('\n', " "), MAX).is_err() {
            Err(text::Flaw::Empty.into())
        } else {
            Ok(Self(text))
        }
    }
}

impl<const MAX: usize> Default for Text<MAX, 0> {
    fn default() -> Self {
        Self(String::new())
    }
}

/// One line of words for people: 1 to 255 characters. A line break in it becomes a space.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String")]
pub struct Name(String);

impl Name {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let flat = text::prose(&text, usize::MAX)?
            .replace('\n', " ")
            .replace(['\u{200b}', '\u{2060}'], "");
        Ok(Self(text::line(&flat, 255)?))
    }
}

/// A sentence or two about a thing; may be empty.
pub type Summary = Text<500, 0>;
/// One thing to know about a product.
pub type Fact = Text<1000>;
/// What a picture shows, for who cannot see it; empty where the words beside it say as much.
pub type Alt = Text<512, 0>;

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
        if is_path && is_plain {
            Ok(Self(text))
        } else {
            Err(Malformed::new("must be a path in this shop, such as /category/vases"))
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
        if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Ok(Self(text))
        } else {
            Err(Malformed::new("must be two upper case letters, such as DE"))
        }
    }
}
