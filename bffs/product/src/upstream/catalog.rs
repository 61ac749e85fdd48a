//! Catalog: what the product is. The page cannot do without it.

use std::collections::BTreeMap;

use serde::Deserialize;
use service::{CallError, Client};

use super::{PATIENCE, optional};

/// The catalog service.
#[derive(Clone, Debug)]
pub struct Catalog(Client);

/// A product.
#[derive(Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
    // A catalog of an earlier version sells all that it has.
    #[serde(default)]
    status: Status,
    pub summary: String,
    #[serde(default)]
    pub description_html: String,
    pub description: String,
    pub category: String,
    pub vendor: Option<String>,
    pub pictures: Vec<Picture>,
    pub details: Vec<Detail>,
    pub options: Vec<Choice>,
    pub variants: Vec<Variant>,
}

/// Whether it is on sale.
#[derive(Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Active,
    /// Being prepared, sold no longer, or what a later catalog may say.
    #[serde(other)]
    Other,
}

/// One of its pictures.
#[derive(Debug, Deserialize)]
pub struct Picture {
    pub name: String,
    pub alt: String,
}

/// A fact about it.
#[derive(Debug, Deserialize)]
pub struct Detail {
    pub name: String,
    pub value: String,
}

/// What there is to choose.
#[derive(Debug, Deserialize)]
pub struct Choice {
    pub name: String,
    pub values: Vec<String>,
}

/// What can be bought.
#[derive(Debug, Deserialize)]
pub struct Variant {
    pub sku: String,
    pub label: String,
    pub options: BTreeMap<String, String>,
    pub picture: Option<String>,
}

/// Where the product stands.
#[derive(Debug, Deserialize)]
pub struct Category {
    pub name: String,
}

impl Catalog {
    /// Catalog, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Finds a product that is on sale.
    pub async fn product(&self, slug: &str) -> Result<Option<Product>, CallError> {
        let found: Option<Product> = self.0.get(&["products", slug]).find().await?;
        Ok(found.filter(|product| product.status == Status::Active))
    }

    /// Finds a category, if it can be had quickly.
    pub async fn category(&self, slug: &str) -> Option<Category> {
        optional(self.0.get(&["categories", slug]).timeout(PATIENCE).send().await)
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("services/catalog");
        let product: Product = contract.read("get", "/products/{slug}", 200);
        assert_eq!(product.status, Status::Active);
        assert_eq!(product.variants[0].sku, "onda-vase-sand");
        assert!(product.description_html.starts_with("<p>") && product.vendor.is_some());
        assert_eq!(product.variants[0].options["Glaze"], "Sand");
        assert!(!product.pictures.is_empty() && !product.details.is_empty());
        let category: Category = contract.read("get", "/categories/{slug}", 200);
        assert_eq!(category.name, "Vases");
    }
}
