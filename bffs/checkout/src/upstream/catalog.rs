//! Catalog: what a SKU is called, and where the shops are.

use std::time::Duration;

use serde::Deserialize;
use service::{CallError, Client};

use super::{Line, List, PATIENCE, list_of, optional};

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
    // A catalog of an earlier version sells all that it has.
    #[serde(default)]
    status: Status,
}

/// Whether a product is on sale.
#[derive(Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Active,
    /// Being prepared, sold no longer, or what a later catalog may say.
    #[serde(other)]
    Other,
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

impl Article {
    /// Whether it can be bought, as far as catalog knows.
    pub fn is_on_sale(&self) -> bool {
        self.product.status == Status::Active
    }

    /// Its product's name in addresses, if it has a page.
    pub fn slug(&self) -> Option<&str> {
        self.is_on_sale().then_some(&*self.product.slug)
    }
}

impl Articles {
    /// What a SKU is, if it is on sale.
    pub fn on_sale(&self, sku: &str) -> Option<&Article> {
        self.of(sku).filter(|article| article.is_on_sale())
    }

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
        let skus = lines.iter().map(|line| &*line.sku);
        let items = list_of(skus, |query| self.0.get(&["variants"]).query(&query).send()).await?;
        Ok(Articles { items })
    }

    /// What these SKUs are, if that can be had quickly.
    pub async fn articles_soon(&self, skus: impl IntoIterator<Item = &str>) -> Option<Articles> {
        let ask = |query| self.0.get(&["variants"]).query(&query).timeout(PATIENCE).send();
        optional(list_of(skus, ask).await).map(|items| Articles { items })
    }

    /// Whether such a thing is on sale.
    pub async fn knows(&self, sku: &str) -> Result<bool, CallError> {
        let found: Articles = self.0.get(&["variants"]).query(&[("sku", sku)]).send().await?;
        Ok(found.on_sale(sku).is_some())
    }

    /// The shops of a country, if they can be had quickly: without them nobody can pick up, and parcels still go.
    pub async fn shops_soon(&self, country: &str) -> Vec<Shop> {
        let call = self.0.get(&["shops"]).query(&[("country", country)]);
        let shops: Option<List<Shop>> = optional(call.timeout(PATIENCE_FOR_SHOPS).send().await);
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
        assert!(article.picture.is_some() && article.slug() == Some("onda-vase"));
        assert!(found.of("no-such-thing").is_none());
        let shops: List<Shop> = contract.read("get", "/shops", 200);
        let shop: Shop = contract.read("get", "/shops/{slug}", 200);
        assert_eq!(shops.items[0].slug, shop.slug);
        assert_eq!(shop.address.country.len(), 2);
        assert!(!shop.hours.is_empty());
    }
}
