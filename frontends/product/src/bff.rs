//! The BFF: the only outgoing calls. Each struct holds the fields that the page draws.

use std::collections::BTreeMap;

use money::Money;
use serde::Deserialize;
use service::{CallError, Client};

/// The product BFF.
#[derive(Clone, Debug)]
pub struct Bff(Client);

/// What a product page shows.
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
    pub options: Vec<Choice>,
    pub selected: String,
    pub variants: Vec<Variant>,
    pub delivery: Option<Vec<Delivery>>,
}

/// What it looks like.
#[derive(Clone, Debug, Deserialize)]
pub struct Picture {
    pub name: String,
    pub alt: String,
}

/// A fact about it.
#[derive(Clone, Debug, Deserialize)]
pub struct Detail {
    pub name: String,
    pub value: String,
}

/// One way to have it.
#[derive(Clone, Debug, Deserialize)]
pub struct Delivery {
    pub method: String,
    pub name: String,
    pub days: String,
    pub price: Money,
}

/// Where the product stands.
#[derive(Clone, Debug, Deserialize)]
pub struct Category {
    pub slug: String,
    pub name: Option<String>,
}

/// What there is to choose.
#[derive(Clone, Debug, Deserialize)]
pub struct Choice {
    pub name: String,
    pub values: Vec<String>,
}

/// What can be bought.
#[derive(Clone, Debug, Deserialize)]
pub struct Variant {
    pub sku: String,
    pub label: String,
    pub options: BTreeMap<String, String>,
    pub picture: Option<String>,
    pub price: Option<Money>,
    pub compare_at: Option<Money>,
    pub availability: Availability,
    pub left: Option<u32>,
}

/// Whether a variant can be bought.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    InStock,
    FewLeft,
    BackOrder,
    SoldOut,
    /// Not known now; also what a later BFF may say and this page does not understand.
    #[serde(other)]
    Unknown,
}

impl Product {
    /// Whether nothing was left out.
    pub fn is_complete(&self) -> bool {
        let is_known = |variant: &Variant| variant.price.is_some() && variant.availability != Availability::Unknown;
        self.category.name.is_some() && self.delivery.is_some() && self.variants.iter().all(is_known)
    }
}

impl Availability {
    /// The word of the contract, which style sheets go by.
    pub fn word(self) -> &'static str {
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
    /// The BFF behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Finds what a product page shows, with the variant `sku` selected if the product has it.
    pub async fn product(&self, slug: &str, sku: Option<&str>) -> Result<Option<Product>, CallError> {
        self.0.get(&["products", slug]).query(&[("sku", sku)]).find().await
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let product: Product = Contract::of("bffs/product").read("get", "/products/{slug}", 200);
        assert!(product.is_complete());
        assert_eq!(product.variants[1].availability, Availability::FewLeft);
    }

    #[test]
    fn an_availability_of_the_future_is_unknown() {
        let read: Availability = serde_json::from_str("\"made_to_order\"").unwrap();
        assert_eq!(read, Availability::Unknown);
    }
}
