//! Products and their variants.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Alt, Description, Name, Sku, Slug, Summary};

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
    /// What it looks like, the first one before all others
    #[schema(max_items = 12)]
    pub pictures: Vec<Picture>,
    /// What there is to choose
    #[schema(max_items = 100)]
    pub options: Vec<Choice>,
    /// What can be bought
    #[schema(min_items = 1, max_items = 100)]
    pub variants: Vec<Variant>,
    /// What else to know: size, weight, care
    #[schema(max_items = 20)]
    pub details: Vec<Detail>,
    /// Products that stand well beside it, the best first; some may not exist (yet)
    #[schema(max_items = 12)]
    pub goes_with: Vec<Slug>,
}

/// A picture of a product.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Picture {
    /// The name of its set of files
    pub name: Slug,
    /// What it shows, for who cannot see it
    #[schema(value_type = String, max_length = 300)]
    pub alt: Alt,
}

/// One thing to know about a product: `Height`, `30 cm`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Detail {
    /// What it is called
    #[schema(value_type = String, min_length = 1, max_length = 120)]
    pub name: Name,
    /// What it is
    #[schema(value_type = String, min_length = 1, max_length = 300)]
    pub value: Summary,
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
    /// Which of the product's pictures shows it
    pub picture: Option<Slug>,
}

/// A variant by itself, with the product that it is one of.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Article {
    /// Its SKU
    pub sku: Sku,
    /// What tells it from its siblings, for people
    #[schema(value_type = String)]
    pub label: Name,
    /// The name of its picture, or else of the product's first
    pub picture: Option<Slug>,
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
}
