//! Which products, in which order, from where on.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Malformed, Product, Slug, Status, folded};

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// By name
    #[default]
    Name,
    /// By when it was first put here, the newest first
    Newest,
}

/// Products by whether they are on sale.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// Those being prepared
    Draft,
    /// Those on sale
    #[default]
    Active,
    /// Those that are sold no longer
    Archived,
    /// All of them
    Any,
}

impl Which {
    /// The only status that is meant, if there is but one.
    #[must_use]
    pub fn status(self) -> Option<Status> {
        match self {
            Self::Draft => Some(Status::Draft),
            Self::Active => Some(Status::Active),
            Self::Archived => Some(Status::Archived),
            Self::Any => None,
        }
    }
}

/// How much a list has of each product.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// All of it
    #[default]
    Full,
    /// All but its descriptions, which may be long: they are empty
    Basic,
}

impl View {
    /// A product in this view.
    #[must_use]
    pub fn of(self, mut product: Product) -> Product {
        if self == Self::Basic {
            (product.description_html, product.description) = Default::default();
        }
        product
    }
}

/// Which products, in which order.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Those with this status
    pub which: Which,
    /// Those of one category
    pub category: Option<Slug>,
    /// Those with all of these words
    pub words: Words,
    /// Those among these
    pub slugs: Option<Vec<Slug>>,
    /// In this order
    pub sort: Sort,
}

/// Some products of a longer list.
#[derive(Clone, Debug)]
pub struct Page {
    /// In the order that was asked for
    pub items: Vec<Product>,
    /// Where the next page begins
    pub next: Option<Cursor>,
    /// How many there are on all pages
    pub total: u64,
}

/// What somebody looks for: words as a search compares them, each of which must be found.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Words(Vec<String>);

impl Words {
    /// Words at most.
    pub const MANY: usize = 8;
    const CHARACTERS: usize = 100;

    /// What SQL's `like` is told to find them, with `\` as its escape character.
    #[must_use]
    pub fn patterns(&self) -> Vec<String> {
        let escaped = |word: &String| {
            let marked = |character| matches!(character, '%' | '_' | '\\').then_some('\\');
            word.chars()
                .flat_map(|character| marked(character).into_iter().chain([character]))
                .collect::<String>()
        };
        self.0.iter().map(|word| format!("%{}%", escaped(word))).collect()
    }
}

impl TryFrom<String> for Words {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        if text.chars().count() > Self::CHARACTERS {
            return Err(Malformed::new("must be at most 100 characters"));
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() > Self::MANY {
            return Err(Malformed::new("must be at most 8 words"));
        }
        if words.iter().flat_map(|word| word.chars()).any(char::is_control) {
            return Err(Malformed::new("must not contain control characters"));
        }
        // Nobody knows where a shop writes hyphens: what stands between them is looked for.
        let parts = words.into_iter().flat_map(parts);
        Ok(Self(parts.take(Self::MANY).collect()))
    }
}

/// A word as it is looked for: what has nothing but hyphens, or nothing to see, stays what it is.
fn parts(word: &str) -> Vec<String> {
    let folded = folded(word);
    let parts: Vec<String> = folded
        .split('-')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    if parts.is_empty() { vec![word.to_owned()] } else { parts }
}

/// The place after a product in one of the orders. Opaque to callers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Cursor {
    /// After the name with this key; since two products may have it, after this slug
    Name(Key, Slug),
    /// Before this moment; since two products may share it, after this slug
    Newest(DateTime<Utc>, Slug),
}

impl Cursor {
    /// The order that it is a place in.
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
        // Neither a word for an order nor a slug has a space.
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
        let not_ours = || Malformed::new("must be the `next` of the page before");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| not_ours())?;
        let text = String::from_utf8(bytes).map_err(|_| not_ours())?;
        let mut parts = text.splitn(3, ' ').map(str::to_owned);
        let (Some(sort), Some(slug), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(not_ours());
        };
        let slug = Slug::try_from(slug)?;
        match &*sort {
            "name" => Ok(Self::Name(key.try_into()?, slug)),
            "newest" => moment(&key).map(|at| Self::Newest(at, slug)).ok_or_else(not_ours),
            _ => Err(not_ours()),
        }
    }
}

/// What a name is ordered by: see [`super::order_key`].
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Key(String);

impl Key {
    /// The key, in hexadecimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Key {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let is_hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() <= 1000 && text.bytes().all(is_hexadecimal) {
            Ok(Self(text))
        } else {
            Err(Malformed::new("must be a key"))
        }
    }
}

/// Microseconds since 1970, in the years that every database knows.
fn moment(text: &str) -> Option<DateTime<Utc>> {
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
        fn a_cursor_survives_its_journey(name in "([0-9a-f]{2}){0,40}", slug in "[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", micros in 0..253_402_300_800_000_000_i64) {
            let slug = Slug::try_from(slug).unwrap();
            let at = DateTime::from_timestamp_micros(micros).unwrap();
            for cursor in [Cursor::Name(name.clone().try_into().unwrap(), slug.clone()), Cursor::Newest(at, slug.clone())] {
                let text = String::from(cursor.clone());
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
                prop_assert_eq!(Cursor::try_from(text).unwrap(), cursor);
            }
        }

        #[test]
        fn nothing_breaks_a_cursor(bytes: Vec<u8>, text: String) {
            let _ = Cursor::try_from(BASE64_URL_SAFE_NO_PAD.encode(bytes));
            let _ = Cursor::try_from(text);
        }

        #[test]
        fn words_are_found_as_they_are_written(text in ".{0,100}") {
            let Ok(words) = Words::try_from(text) else { return Ok(()) };
            prop_assert!(words.0.len() <= Words::MANY && words.0.iter().all(|word| !word.is_empty()));
            for pattern in words.patterns() {
                let inner = pattern.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).unwrap();
                let bare = inner.replace(r"\\", "").replace(r"\%", "").replace(r"\_", "");
                prop_assert!(!bare.contains(['%', '_', '\\']), "{}", pattern);
            }
        }
    }

    #[test]
    fn what_is_looked_for_has_bounds() {
        let words = |text: &str| Words::try_from(text.to_owned()).map(|words| words.0);
        assert_eq!(words("  Onda\t VÄSE\n").unwrap(), ["onda", "vase"]);
        assert_eq!(
            words("24-WG085 -- t‑shirt").unwrap(),
            ["24", "wg085", "--", "t", "shirt"]
        );
        assert_eq!(words("a-b-c-d-e-f-g-h-i-j").unwrap().len(), 8);
        assert!(words(" \t ").unwrap().is_empty());
        assert!(words("a b c d e f g h").is_ok() && words("a b c d e f g h i").is_err());
        assert!(words(&"ä".repeat(100)).is_ok() && words(&"ä".repeat(101)).is_err());
        assert!(words("a\0b").is_err());
    }
}
