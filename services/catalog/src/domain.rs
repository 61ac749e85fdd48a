//! Products and categories, and the rules they keep.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

mod text;

pub use text::{Description, Malformed, Name, Sku, Slug, Summary};

/// Variants of one product, and values of one option, at most.
const MANY: usize = 100;

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
        Self {
            pointer: pointer.into(),
            detail,
        }
    }
}

/// A variant by itself, with the product that it is one of.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Article {
    /// Its SKU
    pub sku: Sku,
    /// What tells it from its siblings, for people
    #[schema(value_type = String)]
    pub label: Name,
    /// What it is a variant of
    pub product: Parent,
}

/// A product in few words.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Parent {
    /// Its name in addresses
    pub slug: Slug,
    /// Its name for people
    #[schema(value_type = String)]
    pub name: Name,
    /// The name of its set of pictures
    pub picture: Option<Slug>,
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
                found.push(Violation::new(
                    format!("/options/{index}/name"),
                    "this option is there twice",
                ));
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
                found.push(Violation::new(
                    format!("/variants/{index}/sku"),
                    "this SKU is there twice",
                ));
            }
            if !self.offers(options) {
                let detail = "must choose one value for each of the product's options";
                found.push(Violation::new(format!("/variants/{index}/options"), detail));
            }
        }
        found
    }

    fn offers(&self, chosen: &BTreeMap<Name, Name>) -> bool {
        let offers = |choice: &Choice| {
            chosen
                .get(&choice.name)
                .is_some_and(|value| choice.values.contains(value))
        };
        chosen.len() == self.options.len() && self.options.iter().all(offers)
    }
}

/// The place after a product in the order of name and slug. Opaque to callers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// The product's name
    pub name: Name,
    /// Its slug, since two products may have one name
    pub slug: Slug,
}

impl From<&Product> for Cursor {
    fn from(product: &Product) -> Self {
        Self {
            name: product.name.clone(),
            slug: product.slug.clone(),
        }
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
        let not_ours = || Malformed::new("must be the `next` of the page before");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| not_ours())?;
        let text = String::from_utf8(bytes).map_err(|_| not_ours())?;
        // A slug has no space.
        let (slug, name) = text.split_once(' ').ok_or_else(not_ours)?;
        Ok(Self {
            name: name.to_owned().try_into()?,
            slug: slug.to_owned().try_into()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(name: &str, slug: &str) -> Cursor {
        Cursor {
            name: name.to_owned().try_into().unwrap(),
            slug: slug.to_owned().try_into().unwrap(),
        }
    }

    #[test]
    fn a_cursor_survives_its_journey() {
        for cursor in [cursor("Onda vase", "onda-vase"), cursor("ä b\nc", "a")] {
            let text = String::from(cursor.clone());
            assert!(
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
                "{text}"
            );
            assert_eq!(Cursor::try_from(text).unwrap(), cursor);
        }
    }

    #[test]
    fn slugs_are_strict() {
        let slug = |text: &str| Slug::try_from(text.to_owned()).is_ok();
        for good in ["a", "onda-vase", "30-cm", &"x".repeat(64)] {
            assert!(slug(good), "{good}");
        }
        for bad in [
            "",
            "-",
            "a-",
            "-a",
            "a--b",
            "A",
            "a b",
            "ä",
            "a/b",
            "a\0",
            &"x".repeat(65),
        ] {
            assert!(!slug(bad), "{bad:?}");
        }
    }
}
