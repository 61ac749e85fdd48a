//! The BFF: the only outgoing calls. Each struct has only the fields that the page uses.

use std::collections::BTreeMap;

use money::Money;
use serde::Deserialize;
use service::{CallError, Client};

/// The product BFF.
#[derive(Clone, Debug)]
pub struct Bff(Client);

/// The data of a product page.
#[derive(Clone, Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub description_html: String,
    pub description: String,
    pub vendor: Option<String>,
    pub pictures: Vec<Picture>,
    pub details: Vec<Detail>,
    pub category: Category,
    pub options: Vec<ProductOption>,
    pub selected: String,
    pub variants: Vec<Variant>,
    pub delivery: Option<Vec<DeliveryMethod>>,
}

/// A picture of the product.
#[derive(Clone, Debug, Deserialize)]
pub struct Picture {
    pub name: String,
    pub alt: String,
}

/// A fact about the product.
#[derive(Clone, Debug, Deserialize)]
pub struct Detail {
    pub name: String,
    pub value: String,
}

/// A delivery method and its price.
#[derive(Clone, Debug, Deserialize)]
pub struct DeliveryMethod {
    pub method: String,
    pub name: String,
    pub days: String,
    pub price: Money,
}

/// The product's category.
#[derive(Clone, Debug, Deserialize)]
pub struct Category {
    pub slug: String,
    pub name: Option<String>,
}

/// An option of the product, for example its glaze.
#[derive(Clone, Debug, Deserialize)]
pub struct ProductOption {
    pub name: String,
    pub values: Vec<String>,
}

/// A variant of the product.
#[derive(Clone, Debug, Deserialize)]
pub struct Variant {
    pub sku: String,
    pub label: String,
    pub options: BTreeMap<String, String>,
    pub picture: Option<String>,
    pub price: Option<Money>,
    pub compare_at: Option<Money>,
    pub availability: Availability,
    pub remaining: Option<u32>,
}

/// Whether a variant can be bought.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    InStock,
    FewLeft,
    BackOrder,
    SoldOut,
    /// Unknown now, or a value that a later version of the BFF may add.
    #[serde(other)]
    Unknown,
}

impl Product {
    /// Whether the BFF had all data.
    pub fn is_complete(&self) -> bool {
        let is_known = |variant: &Variant| variant.price.is_some() && variant.availability != Availability::Unknown;
        self.category.name.is_some() && self.delivery.is_some() && self.variants.iter().all(is_known)
    }
}

impl Availability {
    /// Returns the word of the contract, which the style sheet uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InStock => "in_stock",
            Self::FewLeft => "few_left",
            Self::BackOrder => "back_order",
            Self::SoldOut => "sold_out",
            Self::Unknown => "unknown",
        }
    }
}

impl Bff {
    /// Calls the BFF through this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Finds the data of a product page, with the variant `sku` selected if the product has it.
    pub async fn product(&self, slug: &str, sku: Option<&str>) -> Result<Option<Product>, CallError> {
        self.0.get(&["products", slug]).query(&[("sku", sku)]).find().await
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn contract_can_be_read() {
        let product: Product = Contract::of("bffs/product").read("get", "/products/{slug}", 200);
        assert!(product.is_complete());
        assert_eq!(product.variants[1].availability, Availability::FewLeft);
    }

    #[test]
    fn unsupported_availability_is_read_as_unknown() {
        let read: Availability = serde_json::from_str("\"made_to_order\"").unwrap();
        assert_eq!(read, Availability::Unknown);
    }
}
