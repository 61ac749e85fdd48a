//! Catalog: names of variants, and shops.

use std::time::Duration;

use serde::Deserialize;
use service::{CallError, Client};

use super::{LineItem, List, OPTIONAL_TIMEOUT, list_by_sku, optional};

/// Longer than for names: without shops a shopper who has chosen pick-up would lose that choice.
const SHOPS_TIMEOUT: Duration = Duration::from_millis(500);

/// The catalog service.
#[derive(Clone, Debug)]
pub struct Catalog(Client);

/// The variants that were found.
#[derive(Debug, Deserialize)]
pub struct Variants {
    items: Vec<Variant>,
}

/// A variant with its product.
#[derive(Debug, Deserialize)]
pub struct Variant {
    sku: String,
    pub label: String,
    pub picture: Option<String>,
    pub product: Product,
}

/// The product of a variant.
#[derive(Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
    // A catalog of an earlier version does not send it: all its products are on sale.
    #[serde(default)]
    status: Status,
}

/// Whether a product is on sale.
#[derive(Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Active,
    /// A draft, archived, or a status that a later catalog may add.
    #[serde(other)]
    Other,
}

/// A shop where orders can be picked up.
#[derive(Debug, Deserialize)]
pub struct Shop {
    pub slug: String,
    pub name: String,
    pub address: ShopAddress,
    pub hours: Vec<OpeningHours>,
}

/// The address of a shop.
#[derive(Debug, Deserialize)]
pub struct ShopAddress {
    pub line1: String,
    pub postal_code: String,
    pub city: String,
    pub country: String,
}

/// The opening hours of some days.
#[derive(Debug, Deserialize)]
pub struct OpeningHours {
    pub days: String,
    pub hours: String,
}

impl Variant {
    /// The title on an order: product name and label.
    pub fn title(&self) -> String {
        format!("{}, {}", self.product.name, self.label)
    }

    /// Whether its product is on sale.
    pub fn is_on_sale(&self) -> bool {
        self.product.status == Status::Active
    }

    /// The product's slug, if the product has a page.
    pub fn slug(&self) -> Option<&str> {
        self.is_on_sale().then_some(&*self.product.slug)
    }
}

impl Variants {
    /// The variant with this SKU, if it is on sale.
    pub fn on_sale(&self, sku: &str) -> Option<&Variant> {
        self.get(sku).filter(|variant| variant.is_on_sale())
    }

    /// The variant with this SKU, if catalog knows it.
    pub fn get(&self, sku: &str) -> Option<&Variant> {
        self.items.iter().find(|variant| variant.sku == sku)
    }
}

impl Catalog {
    /// The catalog service behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The variants of a cart's lines.
    pub async fn variants(&self, lines: &[LineItem]) -> Result<Variants, CallError> {
        let skus = lines.iter().map(|line| &*line.sku);
        let items = list_by_sku(skus, |query| self.0.get(&["variants"]).query(&query).send()).await?;
        Ok(Variants { items })
    }

    /// The variants with these SKUs, if catalog answers in time.
    pub async fn optional_variants(&self, skus: impl IntoIterator<Item = &str>) -> Option<Variants> {
        let call = |query| self.0.get(&["variants"]).query(&query).timeout(OPTIONAL_TIMEOUT).send();
        optional(list_by_sku(skus, call).await).map(|items| Variants { items })
    }

    /// Whether a SKU is on sale.
    pub async fn is_on_sale(&self, sku: &str) -> Result<bool, CallError> {
        let found: Variants = self.0.get(&["variants"]).query(&[("sku", sku)]).send().await?;
        Ok(found.on_sale(sku).is_some())
    }

    /// The shops of a country. Empty if catalog does not answer in time: delivery is still possible then, pick-up is not.
    pub async fn optional_shops(&self, country: &str) -> Vec<Shop> {
        let call = self.0.get(&["shops"]).query(&[("country", country)]);
        let shops: Option<List<Shop>> = optional(call.timeout(SHOPS_TIMEOUT).send().await);
        shops.map_or_else(Vec::new, |shops| shops.items)
    }

    /// Finds a shop by its slug.
    pub async fn shop(&self, slug: &str) -> Result<Option<Shop>, CallError> {
        self.0.get(&["shops", slug]).find().await
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn contract_is_readable() {
        let contract = Contract::of("services/catalog");
        let found: Variants = contract.read("get", "/variants", 200);
        let variant = found.get("onda-vase-sand").unwrap();
        assert_eq!(variant.title(), "Onda vase, Sand");
        assert!(variant.picture.is_some() && variant.slug() == Some("onda-vase"));
        assert!(found.get("no-such-thing").is_none());
        let shops: List<Shop> = contract.read("get", "/shops", 200);
        let shop: Shop = contract.read("get", "/shops/{slug}", 200);
        assert_eq!(shops.items[0].slug, shop.slug);
        assert_eq!(shop.address.country.len(), 2);
        assert!(!shop.hours.is_empty());
    }
}
