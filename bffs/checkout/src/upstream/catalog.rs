//! Catalog: what a SKU is called, and where the shops are.

use std::time::Duration;

use serde::Deserialize;
use service::{CallError, Client};

use super::{Line, PATIENCE, joined, optional};

/// Longer than for a name: without shops the shopper's choice to come for it would be gone.
const PATIENCE_FOR_SHOPS: Duration = Duration::from_millis(500);

/// The catalog service.
#[derive(Clone, Debug)]
pub struct Catalog(Client);

/// The variants that were found.
#[derive(Debug, Deserialize)]
pub struct Articles {
    items: Vec<Article>,
}

/// What can be bought.
#[derive(Debug, Deserialize)]
pub struct Article {
    sku: String,
    pub label: String,
    pub picture: Option<String>,
    pub product: Product,
}

/// The product that it is a variant of.
#[derive(Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
}

/// The shops that were found.
#[derive(Debug, Deserialize)]
struct Shops {
    items: Vec<Shop>,
}

/// A shop with a door.
#[derive(Debug, Deserialize)]
pub struct Shop {
    pub slug: String,
    pub name: String,
    pub address: Place,
    pub hours: Vec<Hours>,
}

/// Where a shop is.
#[derive(Debug, Deserialize)]
pub struct Place {
    pub line1: String,
    pub postal_code: String,
    pub city: String,
    pub country: String,
}

/// When it is open on some days.
#[derive(Debug, Deserialize)]
pub struct Hours {
    pub days: String,
    pub hours: String,
}

impl Article {
    /// What it is called on its own: on an order, where nobody sees its siblings.
    pub fn title(&self) -> String {
        format!("{}, {}", self.product.name, self.label)
    }
}

impl Articles {
    /// What a SKU is, if catalog knows it.
    pub fn of(&self, sku: &str) -> Option<&Article> {
        self.items.iter().find(|article| article.sku == sku)
    }
}

impl Catalog {
    /// Catalog, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// What the lines of a cart are.
    pub async fn articles(&self, lines: &[Line]) -> Result<Articles, CallError> {
        let skus = joined(lines.iter().map(|line| &*line.sku));
        self.0.get(&["variants"]).query(&[("sku", skus)]).send().await
    }

    /// What these SKUs are, if that can be had quickly.
    pub async fn articles_soon(&self, skus: impl IntoIterator<Item = &str>) -> Option<Articles> {
        let call = self.0.get(&["variants"]).query(&[("sku", joined(skus))]);
        optional(call.timeout(PATIENCE).send().await)
    }

    /// Whether there is such a thing.
    pub async fn knows(&self, sku: &str) -> Result<bool, CallError> {
        let found: Articles = self.0.get(&["variants"]).query(&[("sku", sku)]).send().await?;
        Ok(found.of(sku).is_some())
    }

    /// The shops of a country, if they can be had quickly: without them nobody can pick up, and parcels still go.
    pub async fn shops_soon(&self, country: &str) -> Vec<Shop> {
        let call = self.0.get(&["shops"]).query(&[("country", country)]);
        let shops: Option<Shops> = optional(call.timeout(PATIENCE_FOR_SHOPS).send().await);
        shops.map_or_else(Vec::new, |shops| shops.items)
    }

    /// Finds a shop.
    pub async fn shop(&self, slug: &str) -> Result<Option<Shop>, CallError> {
        self.0.get(&["shops", slug]).find().await
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("services/catalog");
        let found: Articles = contract.read("get", "/variants", 200);
        let article = found.of("onda-vase-sand").unwrap();
        assert_eq!(article.title(), "Onda vase, Sand");
        assert!(article.picture.is_some());
        assert!(found.of("no-such-thing").is_none());
        let shops: Shops = contract.read("get", "/shops", 200);
        let shop: Shop = contract.read("get", "/shops/{slug}", 200);
        assert_eq!(shops.items[0].slug, shop.slug);
        assert_eq!(shop.address.country.len(), 2);
        assert!(!shop.hours.is_empty());
    }
}
