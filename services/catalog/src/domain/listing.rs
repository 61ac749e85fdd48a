//! Queries for lists of products.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::{Malformed, Slug, text_type};

use super::{Product, ProductStatus, folded};

/// The sort order of products.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    #[default]
    Name,
    Newest,
}

/// A filter for the status of products.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StatusFilter {
    Draft,
    #[default]
    Active,
    Archived,
    Any,
}

impl StatusFilter {
    /// The status that products must have; none if any status matches.
    #[must_use]
    pub fn exact(self) -> Option<ProductStatus> {
        match self {
            Self::Draft => Some(ProductStatus::Draft),
            Self::Active => Some(ProductStatus::Active),
            Self::Archived => Some(ProductStatus::Archived),
            Self::Any => None,
        }
    }
}

/// Which fields of the products are returned.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProductView {
    #[default]
    Full,
    Basic,
}

impl ProductView {
    /// Clears the fields that the view leaves out.
    #[must_use]
    pub fn apply(self, mut product: Product) -> Product {
        if self == Self::Basic {
            (product.description_html, product.description) = Default::default();
        }
        product
    }
}

/// Filters and order of a list of products.
#[derive(Clone, Debug, Default)]
pub struct ProductQuery {
    pub status: StatusFilter,
    pub category: Option<Slug>,
    pub terms: SearchTerms,
    pub slugs: Option<Vec<Slug>>,
    pub sort: Sort,
}

/// A page of products.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductPage {
    /// The products in the requested order.
    pub items: Vec<Product>,
    /// The value of `after` for the next page; null on the last page.
    #[schema(value_type = Option<String>)]
    pub next: Option<Cursor>,
    /// The number of products on all pages.
    pub total: u64,
}

/// Folded search terms, all of which must match.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct SearchTerms(Vec<String>);

impl SearchTerms {
    pub const MAX_TERMS: usize = 8;
    const MAX_CHARACTERS: usize = 100;

    /// A `like` pattern for each term, with `\` as the escape character.
    #[must_use]
    pub fn patterns(&self) -> Vec<String> {
        let escaped = |term: &String| {
            let escape = |character| matches!(character, '%' | '_' | '\\').then_some('\\');
            term.chars()
                .flat_map(|character| escape(character).into_iter().chain([character]))
                .collect::<String>()
        };
        self.0.iter().map(|term| format!("%{}%", escaped(term))).collect()
    }
}

impl TryFrom<String> for SearchTerms {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        if text.chars().count() > Self::MAX_CHARACTERS {
            return Err(Malformed::TooLong(Self::MAX_CHARACTERS));
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() > Self::MAX_TERMS {
            return Err(Malformed::Rule("must be at most 8 words"));
        }
        if words.iter().flat_map(|word| word.chars()).any(char::is_control) {
            return Err(Malformed::Rule("must not contain control characters"));
        }
        let terms = words.into_iter().flat_map(terms_of);
        Ok(Self(terms.take(Self::MAX_TERMS).collect()))
    }
}

/// Splits a word at its hyphens, since shoppers and merchants place them differently. A word of nothing but hyphens or
/// invisible characters stays as it is, so that it matches nothing rather than everything.
fn terms_of(word: &str) -> Vec<String> {
    let folded = folded(word);
    let terms: Vec<String> = folded
        .split('-')
        .filter(|term| !term.is_empty())
        .map(str::to_owned)
        .collect();
    if terms.is_empty() { vec![word.to_owned()] } else { terms }
}

/// The position of a product in a sorted list. Opaque to clients.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Cursor {
    /// The sort key of the name, and the slug, since several products may have the same name.
    Name(SortKey, Slug),
    /// The creation time, and the slug, since several products may have the same creation time.
    Newest(DateTime<Utc>, Slug),
}

impl Cursor {
    /// The order of the list that the cursor belongs to.
    #[must_use]
    pub fn sort(&self) -> Sort {
        match self {
            Self::Name(..) => Sort::Name,
            Self::Newest(..) => Sort::Newest,
        }
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        // A space separates the parts: neither the name of an order nor a slug contains one.
        let text = match cursor {
            Cursor::Name(name, slug) => format!("name {} {}", slug.as_str(), name.as_str()),
            Cursor::Newest(at, slug) => format!("newest {} {}", slug.as_str(), at.timestamp_micros()),
        };
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }
}

impl TryFrom<String> for Cursor {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        const INVALID: Malformed = Malformed::Rule("must be the `next` of the previous page");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| INVALID)?;
        let text = String::from_utf8(bytes).map_err(|_| INVALID)?;
        let mut parts = text.splitn(3, ' ').map(str::to_owned);
        let (Some(sort), Some(slug), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(INVALID);
        };
        let slug = Slug::try_from(slug)?;
        match &*sort {
            "name" => Ok(Self::Name(key.try_into()?, slug)),
            "newest" => timestamp(&key).map(|at| Self::Newest(at, slug)).ok_or(INVALID),
            _ => Err(INVALID),
        }
    }
}

text_type!(
    /// The sort key of a name, see [`super::sort_key`].
    pub struct SortKey(|text| {
        let is_hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_key = text.len() <= 1000 && text.bytes().all(is_hexadecimal);
        is_key
            .then(|| text.to_owned())
            .ok_or(Malformed::Rule("must be a sort key"))
    });
);

/// Parses microseconds since 1970, up to the last year that every database supports.
fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    const YEAR_10000: i64 = 253_402_300_800_000_000;
    let micros: i64 = text.parse().ok()?;
    (0..YEAR_10000)
        .contains(&micros)
        .then(|| DateTime::from_timestamp_micros(micros))?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursor_survives_encoding_and_decoding(name in "([0-9a-f]{2}){0,40}", slug in "[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", micros in 0..253_402_300_800_000_000_i64) {
            let slug = Slug::try_from(slug).unwrap();
            let at = DateTime::from_timestamp_micros(micros).unwrap();
            for cursor in [Cursor::Name(name.clone().try_into().unwrap(), slug.clone()), Cursor::Newest(at, slug.clone())] {
                let text = String::from(cursor.clone());
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
                prop_assert_eq!(Cursor::try_from(text).unwrap(), cursor);
            }
        }

        #[test]
        fn any_text_decodes_or_is_rejected(bytes: Vec<u8>, text: String) {
            let _ = Cursor::try_from(BASE64_URL_SAFE_NO_PAD.encode(bytes));
            let _ = Cursor::try_from(text);
        }

        #[test]
        fn like_patterns_are_escaped(text in ".{0,100}") {
            let Ok(terms) = SearchTerms::try_from(text) else { return Ok(()) };
            prop_assert!(terms.0.len() <= SearchTerms::MAX_TERMS && terms.0.iter().all(|term| !term.is_empty()));
            for pattern in terms.patterns() {
                let inner = pattern.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).unwrap();
                let bare = inner.replace(r"\\", "").replace(r"\%", "").replace(r"\_", "");
                prop_assert!(!bare.contains(['%', '_', '\\']), "{}", pattern);
            }
        }
    }

    #[test]
    fn search_terms_are_limited() {
        let terms = |text: &str| SearchTerms::try_from(text.to_owned()).map(|terms| terms.0);
        assert_eq!(terms("  Onda\t VÄSE\n").unwrap(), ["onda", "vase"]);
        assert_eq!(
            terms("24-WG085 -- t‑shirt").unwrap(),
            ["24", "wg085", "--", "t", "shirt"]
        );
        assert_eq!(terms("a-b-c-d-e-f-g-h-i-j").unwrap().len(), 8);
        assert!(terms(" \t ").unwrap().is_empty());
        assert!(terms("a b c d e f g h").is_ok() && terms("a b c d e f g h i").is_err());
        assert!(terms(&"ä".repeat(100)).is_ok() && terms(&"ä".repeat(101)).is_err());
        assert!(terms("a\0b").is_err());
    }
}
