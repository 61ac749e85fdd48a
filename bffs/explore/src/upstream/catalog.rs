//! Catalog: what there is. No page can do without it; stories are an ornament.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use service::{CallError, Client, Request, causes};

/// How long a page waits for stories.
const PATIENCE: Duration = Duration::from_millis(150);

/// The catalog service.
#[derive(Clone, Debug)]
pub struct Catalog(Client);

/// A shelf of the shop.
#[derive(Debug, Deserialize)]
pub struct Category {
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub picture: Option<String>,
}

/// Which products, in which order.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Wanted<'a> {
    pub category: Option<&'a str>,
    pub q: Option<&'a str>,
    /// Joined by commas
    pub slug: Option<&'a str>,
    pub sort: Option<&'a str>,
    pub limit: Option<usize>,
    pub after: Option<&'a str>,
}

/// Products in the order that was asked for.
#[derive(Debug, Deserialize)]
pub struct Page {
    pub items: Vec<Product>,
    pub next: Option<String>,
    pub total: u64,
}

/// A product.
#[derive(Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
    pub vendor: Option<String>,
    pub pictures: Vec<Picture>,
    pub variants: Vec<Variant>,
    pub goes_with: Vec<String>,
}

/// A picture of a product.
#[derive(Debug, Deserialize)]
pub struct Picture {
    pub name: String,
}

/// What can be bought.
#[derive(Debug, Deserialize)]
pub struct Variant {
    pub sku: String,
}

/// Something to tell.
#[derive(Debug, Deserialize)]
pub struct Story {
    pub slug: String,
    pub title: String,
    pub text: String,
    pub picture: Option<String>,
    pub alt: String,
    pub link: Link,
}

/// A way to another page.
#[derive(Debug, Deserialize)]
pub struct Link {
    pub label: String,
    pub href: String,
}

/// A shop with a door.
#[derive(Debug, Deserialize)]
pub struct Shop {
    pub slug: String,
    pub name: String,
    pub address: Address,
    pub hours: Vec<Hours>,
    pub note: Option<String>,
    pub latitude: f64,
    pub longitude: f64,
}

/// Where a shop is.
#[derive(Debug, Deserialize)]
pub struct Address {
    pub line1: String,
    pub postal_code: String,
    pub city: String,
    pub country: String,
}

/// When a shop is open on some days.
#[derive(Debug, Deserialize)]
pub struct Hours {
    pub days: String,
    pub hours: String,
}

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
}

impl Catalog {
    /// Catalog, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Every category, in the shop's order.
    pub async fn categories(&self) -> Result<Vec<Category>, CallError> {
        let list: List<Category> = self.0.get(&["categories"]).send().await?;
        Ok(list.items)
    }

    /// The same for a fragment, which is not waited for as long as a page is.
    pub async fn categories_soon(&self) -> Result<Vec<Category>, CallError> {
        let list: List<Category> = self.0.get(&["categories"]).timeout(PATIENCE).send().await?;
        Ok(list.items)
    }

    /// Finds a category.
    pub async fn category(&self, slug: &str) -> Result<Option<Category>, CallError> {
        self.0.get(&["categories", slug]).find().await
    }

    /// A page of products.
    pub async fn products(&self, wanted: &Wanted<'_>) -> Result<Page, CallError> {
        self.listing(wanted).send().await
    }

    /// The same for a fragment, which is not waited for as long as a page is.
    pub async fn products_soon(&self, wanted: &Wanted<'_>) -> Result<Page, CallError> {
        self.listing(wanted).timeout(PATIENCE).send().await
    }

    /// Cards show no descriptions.
    fn listing(&self, wanted: &Wanted<'_>) -> Request {
        self.0.get(&["products"]).query(wanted).query(&[("view", "basic")])
    }

    /// What there is to tell, as far as it comes in time.
    pub async fn stories(&self) -> Vec<Story> {
        match self.0.get(&["stories"]).timeout(PATIENCE).send::<List<Story>>().await {
            Ok(list) => list.items,
            Err(error) => {
                tracing::warn!(
                    upstream = error.part(),
                    error = causes(&error),
                    "call failed: a page is shown without it"
                );
                Vec::new()
            }
        }
    }

    /// Every shop, in the shop's order.
    pub async fn shops(&self) -> Result<Vec<Shop>, CallError> {
        let list: List<Shop> = self.0.get(&["shops"]).send().await?;
        Ok(list.items)
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("services/catalog");
        let categories: List<Category> = contract.read("get", "/categories", 200);
        assert_eq!(categories.items[0].slug, "vases");
        let category: Category = contract.read("get", "/categories/{slug}", 200);
        assert_eq!(category.name, "Vases");
        let page: Page = contract.read("get", "/products", 200);
        assert_eq!((&*page.items[0].variants[0].sku, page.total), ("onda-vase-sand", 1));
        let stories: List<Story> = contract.read("get", "/stories", 200);
        assert_eq!(stories.items[0].link.href, "/category/vases");
        let shops: List<Shop> = contract.read("get", "/shops", 200);
        assert_eq!(shops.items[0].address.country, "DE");
    }
}
