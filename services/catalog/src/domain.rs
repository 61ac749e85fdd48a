//! Products and categories, and the rules they keep.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Variants of one product, and choices of one option, at most.
const MANY: usize = 100;

/// Why a text is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

impl Malformed {
    fn because(reason: impl Into<String>) -> Self {
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
            !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        match text.len() <= 64 && text.split('-').all(is_group) {
            true => Ok(Self(text)),
            false => Err(Malformed::because("must be at most 64 lower case letters and digits, in groups joined by hyphens")),
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

/// Words for people: 1 to `MAX` characters, line breaks allowed, other control characters not.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String")]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        if text.trim().is_empty() {
            return Err(Malformed::because("must not be empty"));
        }
        if text.chars().count() > MAX {
            return Err(Malformed::because(format!("must be at most {MAX} characters")));
        }
        if text.chars().any(|character| character.is_control() && character != '\n') {
            return Err(Malformed::because("must not contain control characters"));
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

/// A shelf of the shop.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Category {
    /// Its name in addresses
    pub slug: Slug,
    /// Its name for people
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub name: Name,
    /// A sentence about it
    #[schema(value_type = String, min_length = 1, max_length = 300)]
    pub summary: Summary,
    /// Its place among the others, ascending
    pub position: u16,
}

/// Something the shop sells, in one or more variants.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Product {
    /// Its name in addresses
    pub slug: Slug,
    /// Its name for people
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub name: Name,
    /// A sentence about it
    #[schema(value_type = String, min_length = 1, max_length = 300)]
    pub summary: Summary,
    /// All there is to say about it
    #[schema(value_type = String, min_length = 1, max_length = 5000)]
    pub description: Description,
    /// The category it stands in
    pub category: Slug,
    /// Who made it
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub maker: Name,
    /// The name of its set of pictures
    pub picture: Option<Slug>,
    /// What there is to choose
    #[schema(max_items = 100)]
    pub options: Vec<Choice>,
    /// What can be bought
    #[schema(min_items = 1, max_items = 100)]
    pub variants: Vec<Variant>,
}

/// One thing to choose: `Glaze`, one of `Sand` and `Sea`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Choice {
    /// What it is called
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub name: Name,
    /// What it can be
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 100)]
    pub values: Vec<Name>,
}

/// What can be bought: one value for each of the product's options.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Variant {
    /// What every part of the shop knows it by
    pub sku: Sku,
    /// What tells it from its siblings, for people
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub label: Name,
    /// The value of each option
    #[schema(value_type = BTreeMap<String, String>)]
    pub options: BTreeMap<Name, Name>,
}

/// A rule that a field breaks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Where, as a JSON pointer: `/variants/0/sku`
    pub pointer: String,
    /// What is wrong, for people
    pub detail: &'static str,
}

impl Violation {
    /// A broken rule.
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: &'static str) -> Self {
        Self { pointer: pointer.into(), detail }
    }
}

impl Product {
    /// The rules that its fields break taken together, none where it is sound.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        if self.options.len() > MANY {
            found.push(Violation::new("/options", "at most 100 options"));
        }
        let mut names = BTreeSet::new();
        for (index, Choice { name, values }) in self.options.iter().enumerate() {
            if !names.insert(name) {
                found.push(Violation::new(format!("/options/{index}/name"), "this option is there twice"));
            }
            if values.is_empty() || values.len() > MANY {
                found.push(Violation::new(format!("/options/{index}/values"), "1 to 100 values"));
            }
        }
        if self.variants.is_empty() || self.variants.len() > MANY {
            found.push(Violation::new("/variants", "1 to 100 variants"));
        }
        let mut skus = BTreeSet::new();
        for (index, Variant { sku, options, .. }) in self.variants.iter().enumerate() {
            if !skus.insert(sku) {
                found.push(Violation::new(format!("/variants/{index}/sku"), "this SKU is there twice"));
            }
            if !self.offers(options) {
                let detail = "must choose one value for each of the product's options";
                found.push(Violation::new(format!("/variants/{index}/options"), detail));
            }
        }
        found
    }

    fn offers(&self, chosen: &BTreeMap<Name, Name>) -> bool {
        let offers = |choice: &Choice| chosen.get(&choice.name).is_some_and(|value| choice.values.contains(value));
        chosen.len() == self.options.len() && self.options.iter().all(offers)
    }
}

/// The place after a product in the order of name and slug. Opaque to callers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct Cursor {
    /// The product's name
    pub name: Name,
    /// Its slug, since two products may have one name
    pub slug: Slug,
}

impl From<&Product> for Cursor {
    fn from(product: &Product) -> Self {
        Self { name: product.name.clone(), slug: product.slug.clone() }
    }
}

impl From<Cursor> for String {
    fn from(Cursor { name, slug }: Cursor) -> Self {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{} {}", slug.as_str(), name.as_str()))
    }
}

impl TryFrom<String> for Cursor {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let not_ours = || Malformed::because("must be the `next` of the page before");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| not_ours())?;
        let text = String::from_utf8(bytes).map_err(|_| not_ours())?;
        // A slug has no space.
        let (slug, name) = text.split_once(' ').ok_or_else(not_ours)?;
        Ok(Self { name: name.to_owned().try_into()?, slug: slug.to_owned().try_into()? })
    }
}
