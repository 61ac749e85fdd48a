//! Catalog: what a SKU is called.

use serde::Deserialize;
use service::{CallError, Client};

use super::{Line, PATIENCE, joined, optional};

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
    pub product: Product,
}

/// The product that it is a variant of.
#[derive(Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
    pub picture: Option<String>,
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
        self.0.get(&["variants"]).query(&[("sku", joined(lines))]).send().await
    }

    /// The same, if it can be had quickly.
    pub async fn articles_soon(&self, lines: &[Line]) -> Option<Articles> {
        let call = self.0.get(&["variants"]).query(&[("sku", joined(lines))]);
        optional(call.timeout(PATIENCE).send().await)
    }

    /// Whether there is such a thing.
    pub async fn knows(&self, sku: &str) -> Result<bool, CallError> {
        let found: Articles = self.0.get(&["variants"]).query(&[("sku", sku)]).send().await?;
        Ok(found.of(sku).is_some())
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let found: Articles = Contract::of("services/catalog").read("get", "/variants", 200);
        assert_eq!(found.of("onda-vase-sand").unwrap().title(), "Onda vase, Sand");
        assert!(found.of("no-such-thing").is_none());
    }
}
