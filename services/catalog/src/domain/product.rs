//! Products and their variants.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Alt, Fact, Gtin, Html, Name, Sku, Slug, Status, Summary, Weight};

/// Something the shop sells, in one or more variants.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Product {
    /// Its name in addresses
    pub slug: Slug,
    /// Its name for people
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub name: Name,
    /// Whether it is on sale
    #[serde(default)]
    pub status: Status,
    /// A sentence about it
    #[serde(default)]
    #[schema(value_type = String, max_length = 500)]
    pub summary: Summary,
    /// All there is to say about it, in simple HTML: what is no structure, emphasis or link is taken out
    #[serde(default)]
    #[schema(value_type = String, max_length = 65_535)]
    pub description_html: Html,
    /// The same as plain text, a line for each paragraph. Read where `description_html` is empty, else made from it
    #[serde(default)]
    #[schema(value_type = String, max_length = 65_535)]
    pub description: Plain,
    /// The category it stands in first of all
    pub category: Slug,
    /// All categories it stands in, the first of all among them
    #[serde(default)]
    #[schema(max_items = 50)]
    pub categories: Vec<Slug>,
    /// Who made it, or whose brand it is
    #[serde(default, alias = "maker")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255)]
    pub vendor: Option<Name>,
    /// Words that it is found by
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 250)]
    pub tags: Vec<Name>,
    /// What it looks like, the first one before all others
    #[serde(default)]
    #[schema(max_items = 250)]
    pub pictures: Vec<Picture>,
    /// What there is to choose
    #[serde(default)]
    #[schema(max_items = 100)]
    pub options: Vec<Choice>,
    /// What can be bought
    #[schema(min_items = 1, max_items = 2048)]
    pub variants: Vec<Variant>,
    /// What else to know: size, care
    #[serde(default)]
    #[schema(max_items = 100)]
    pub details: Vec<Detail>,
    /// Products that stand well beside it, the best first; some may not exist (yet)
    #[serde(default)]
    #[schema(max_items = 12)]
    pub goes_with: Vec<Slug>,
}

/// A text for people without markup: line breaks allowed, at most 65,535 characters.
pub type Plain = super::Text<65_535, 0>;

impl Product {
    /// With what follows from its fields: plain text and HTML say the same, and its first category is one of all.
    #[must_use]
    pub fn completed(mut self) -> Self {
        if self.description_html.is_empty() {
            self.description_html = Html::of_text(self.description.as_str());
        }
        self.description = Plain::cut(&self.description_html.text());
        self.categories.retain(|category| *category != self.category);
        self.categories.insert(0, self.category.clone());
        self
    }
}

/// A picture of a product.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Picture {
    /// The name of its set of files
    pub name: Slug,
    /// What it shows, for who cannot see it
    #[serde(default)]
    #[schema(value_type = String, max_length = 512)]
    pub alt: Alt,
}

/// One thing to know about a product: `Height`, `30 cm`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Detail {
    /// What it is called
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub name: Name,
    /// What it is
    #[schema(value_type = String, min_length = 1, max_length = 1000)]
    pub value: Fact,
}

/// One thing to choose: `Glaze`, one of `Sand` and `Sea`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Choice {
    /// What it is called
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub name: Name,
    /// What it can be
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 2048)]
    pub values: Vec<Name>,
}

/// What can be bought: one value for each of the product's options.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Variant {
    /// What every part of the shop knows it by
    pub sku: Sku,
    /// What tells it from its siblings, for people
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub label: Name,
    /// The value of each option
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub options: BTreeMap<Name, Name>,
    /// Which of the product's pictures shows it
    #[serde(default)]
    pub picture: Option<Slug>,
    /// Its number worldwide, as its barcode says it
    #[serde(default)]
    pub gtin: Option<Gtin>,
    /// What it weighs, packed
    #[serde(default)]
    pub weight: Option<Weight>,
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
    /// Whether it is on sale: only what is `active` can be bought
    pub status: Status,
}

impl Variant {
    /// The digits of its GTIN, if it has one.
    #[must_use]
    pub fn gtin(&self) -> Option<&str> {
        self.gtin.as_ref().map(Gtin::as_str)
    }
}
