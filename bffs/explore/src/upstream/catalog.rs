//! Catalog: what there is. No page can do without it.

use serde::Deserialize;
use service::{CallError, Client};

/// The catalog service.
#[derive(Clone, Debug)]
pub struct Catalog(Client);

/// A shelf of the shop.
#[derive(Debug, Deserialize)]
pub struct Category {
    pub slug: String,
    pub name: String,
    pub summary: String,
}

/// Products in the catalog's order.
#[derive(Debug, Deserialize)]
pub struct Page {
    pub items: Vec<Product>,
    pub next: Option<String>,
}

/// A product.
#[derive(Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
    pub maker: String,
    pub picture: Option<String>,
    pub variants: Vec<Variant>,
}

/// What can be bought.
#[derive(Debug, Deserialize)]
pub struct Variant {
    pub sku: String,
}

#[derive(Deserialize)]
struct Categories {
    items: Vec<Category>,
}

impl Catalog {
    /// Catalog, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Every category, in the shop's order.
    pub async fn categories(&self) -> Result<Vec<Category>, CallError> {
        let categories: Categories = self.0.get(&["categories"]).send().await?;
        Ok(categories.items)
    }

    /// Finds a category.
    pub async fn category(&self, slug: &str) -> Result<Option<Category>, CallError> {
        self.0.get(&["categories", slug]).find().await
    }

    /// A page of products: of one category, behind a cursor, where these are given.
    pub async fn products(&self, category: Option<&str>, after: Option<&str>) -> Result<Page, CallError> {
        let query = [("category", category), ("after", after)];
        self.0.get(&["products"]).query(&query).send().await
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("services/catalog");
        let categories: Categories = contract.read("get", "/categories", 200);
        assert_eq!(categories.items[0].slug, "vases");
        let category: Category = contract.read("get", "/categories/{slug}", 200);
        assert_eq!(category.name, "Vases");
        let page: Page = contract.read("get", "/products", 200);
        assert_eq!(page.items[0].variants[0].sku, "onda-vase-sand");
    }
}
