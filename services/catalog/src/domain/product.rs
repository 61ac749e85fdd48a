//! Products and their variants.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::{Slug, Text};

use super::{AltText, DetailValue, Gtin, Html, Name, ProductStatus, Sku, Summary, Weight};

/// A product, sold in one or more variants.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Product {
    /// The product's slug, for example `onda-vase`. It identifies the product and is part of its page's address.
    pub slug: Slug,
    /// The name that shoppers see.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub name: Name,
    /// Whether the product is on sale. `active` by default.
    #[serde(default)]
    pub status: ProductStatus,
    /// A short description, at most 500 characters. Empty by default.
    #[serde(default)]
    #[schema(value_type = String, max_length = 500)]
    pub summary: Summary,
    /// The description as HTML. It is sanitized: only structure, emphasis and links are kept.
    #[serde(default)]
    #[schema(value_type = String, max_length = 65_535)]
    pub description_html: Html,
    /// The description as plain text, one line for each paragraph. In a request it is used only if `description_html` is
    /// empty. In a response it is always derived from `description_html`.
    #[serde(default)]
    #[schema(value_type = String, max_length = 65_535)]
    pub description: PlainText,
    /// The slug of the main category.
    pub category: Slug,
    /// The slugs of all categories of the product. The main category is always the first; it is added if it is missing.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub categories: Vec<Slug>,
    /// The manufacturer or brand, or null.
    #[serde(default, alias = "maker")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255)]
    pub vendor: Option<Name>,
    /// Keywords for the search.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 250)]
    pub tags: Vec<Name>,
    /// Pictures of the product. The first is the main picture.
    #[serde(default)]
    #[schema(max_items = 250)]
    pub pictures: Vec<Picture>,
    /// The options that shoppers choose from, for example the size and the colour.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub options: Vec<ProductOption>,
    /// The variants of the product, 1 to 2,048.
    #[schema(min_items = 1, max_items = 2048)]
    pub variants: Vec<Variant>,
    /// Further facts about the product, for example its size and its care.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub details: Vec<ProductDetail>,
    /// The slugs of related products, the most relevant first. They need not exist yet.
    #[serde(default, alias = "goes_with")]
    #[schema(max_items = 12)]
    pub related: Vec<Slug>,
}

/// Text of at most 65,535 characters, which may contain line breaks.
pub type PlainText = Text<65_535, 0>;

impl Product {
    /// Fills in the derived fields: both forms of the description, and the main category as the first of all categories.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        if self.description_html.is_empty() {
            self.description_html = Html::from_text(self.description.as_str());
        }
        self.description = PlainText::truncate(&self.description_html.to_text());
        self.categories.retain(|category| *category != self.category);
        self.categories.insert(0, self.category.clone());
        self
    }
}

/// A picture of a product.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Picture {
    /// The name of the picture's set of files.
    pub name: Slug,
    /// Alternative text. Empty by default.
    #[serde(default)]
    #[schema(value_type = String, max_length = 512)]
    pub alt: AltText,
}

/// A fact about a product, for example `Height`: `30 cm`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ProductDetail {
    /// The label, for example `Height`.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub name: Name,
    /// The value as text, for example `30 cm`.
    #[schema(value_type = String, min_length = 1, max_length = 1000)]
    pub value: DetailValue,
}

/// An option of a product, for example `Glaze` with the values `Sand` and `Sea`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ProductOption {
    /// The name of the option, unique within the product.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub name: Name,
    /// The values to choose from, 1 to 2,048.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 2048)]
    pub values: Vec<Name>,
}

/// A variant of a product: what is bought, with one value for each option of the product.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Variant {
    /// The variant's SKU, unique in the whole catalog. Pricing, inventory, cart and orders identify the variant by it.
    pub sku: Sku,
    /// The name that distinguishes the variant from the others, for example `Sand`.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    pub label: Name,
    /// The value of each option by the option's name. Every option of the product must be present.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub options: BTreeMap<Name, Name>,
    /// The name of the product's picture that shows this variant, or null.
    #[serde(default)]
    pub picture: Option<Slug>,
    /// The variant's GTIN as on its barcode, or null.
    #[serde(default)]
    pub gtin: Option<Gtin>,
    /// The weight including packaging, or null.
    #[serde(default)]
    pub weight: Option<Weight>,
}

/// A variant together with the product that it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VariantWithProduct {
    /// The variant's SKU.
    pub sku: Sku,
    /// The name that distinguishes the variant from the others, for example `Sand`.
    #[schema(value_type = String)]
    pub label: Name,
    /// The name of the variant's picture. If it has none, the main picture of the product; null if the product has none.
    pub picture: Option<Slug>,
    /// The product that the variant belongs to.
    pub product: ProductRef,
}

/// A reference to a product.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProductRef {
    /// The product's slug.
    pub slug: Slug,
    /// The name that shoppers see.
    #[schema(value_type = String)]
    pub name: Name,
    /// Whether the product is on sale. Only variants of `active` products can be bought.
    pub status: ProductStatus,
}

impl Variant {
    /// The digits of the GTIN.
    #[must_use]
    pub fn gtin(&self) -> Option<&str> {
        self.gtin.as_ref().map(Gtin::as_str)
    }
}
