//! Catalog: the product and its category. The page requires it.

use std::collections::BTreeMap;

use serde::Deserialize;
use service::{CallError, Client};

use super::{OPTIONAL_TIMEOUT, optional};

/// The catalog service.
#[derive(Clone, Debug)]
pub struct Catalog(Client);

/// A product.
#[derive(Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
    // Older versions of catalog do not send it: all of their products are on sale.
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
    pub options: Vec<ProductOption>,
    pub variants: Vec<Variant>,
}

/// Whether a product is on sale.
#[derive(Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Active,
    /// A draft, an archived product, or a status that a later version of catalog may add.
    #[serde(other)]
    Other,
}

/// A picture of the product.
#[derive(Debug, Deserialize)]
pub struct Picture {
    pub name: String,
    pub alt: String,
}

/// A fact about the product.
#[derive(Debug, Deserialize)]
pub struct Detail {
    pub name: String,
    pub value: String,
}

/// An option of the product, for example its glaze.
#[derive(Debug, Deserialize)]
pub struct ProductOption {
    pub name: String,
    pub values: Vec<String>,
}

/// A variant of the product.
#[derive(Debug, Deserialize)]
pub struct Variant {
    pub sku: String,
    pub label: String,
    pub options: BTreeMap<String, String>,
    pub picture: Option<String>,
}

/// The product's category.
#[derive(Debug, Deserialize)]
pub struct Category {
    pub name: String,
}

impl Catalog {
    /// Calls catalog through this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Finds a product that is on sale.
    pub async fn product(&self, slug: &str) -> Result<Option<Product>, CallError> {
        let found: Option<Product> = self.0.get(&["products", slug]).find().await?;
        Ok(found.filter(|product| product.status == Status::Active))
    }

    /// Finds a category. `None` if catalog does not answer in time.
    pub async fn category(&self, slug: &str) -> Option<Category> {
        optional(self.0.get(&["categories", slug]).timeout(OPTIONAL_TIMEOUT).send().await)
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn contract_can_be_read() {
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
