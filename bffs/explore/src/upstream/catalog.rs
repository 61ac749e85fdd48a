//! The catalog service. Every page needs it; only stories are optional.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use service::{CallError, Client, Request, causes};

/// The timeout for stories and for everything that a fragment shows.
const SHORT_TIMEOUT: Duration = Duration::from_millis(150);

#[derive(Clone, Debug)]
pub struct Catalog(Client);

#[derive(Debug, Deserialize)]
pub struct Category {
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub picture: Option<String>,
}

/// Query parameters of a list of products.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct ProductQuery<'a> {
    pub category: Option<&'a str>,
    pub q: Option<&'a str>,
    /// Separated by commas.
    pub slug: Option<&'a str>,
    pub sort: Option<&'a str>,
    pub limit: Option<usize>,
    pub after: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
pub struct ProductPage {
    pub items: Vec<Product>,
    pub next: Option<String>,
    pub total: u64,
}

#[derive(Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
    pub vendor: Option<String>,
    pub pictures: Vec<Picture>,
    pub variants: Vec<Variant>,
    pub related: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Picture {
    pub name: String,
}

#[derive(Debug, Deserialize)]
pub struct Variant {
    pub sku: String,
}

#[derive(Debug, Deserialize)]
pub struct Story {
    pub slug: String,
    pub title: String,
    pub text: String,
    pub picture: Option<String>,
    pub alt: String,
    pub link: StoryLink,
}

#[derive(Debug, Deserialize)]
pub struct StoryLink {
    pub label: String,
    pub href: String,
}

#[derive(Debug, Deserialize)]
pub struct Shop {
    pub slug: String,
    pub name: String,
    pub address: Address,
    pub hours: Vec<OpeningHours>,
    pub note: Option<String>,
    pub latitude: f64,
    pub longitude: f64,
}

#[derive(Debug, Deserialize)]
pub struct Address {
    pub line1: String,
    pub postal_code: String,
    pub city: String,
    pub country: String,
}

#[derive(Debug, Deserialize)]
pub struct OpeningHours {
    pub days: String,
    pub hours: String,
}

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
}

impl Catalog {
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// All categories, ordered by position.
    pub async fn categories(&self) -> Result<Vec<Category>, CallError> {
        let list: List<Category> = self.0.get(&["categories"]).send().await?;
        Ok(list.items)
    }

    /// The same with a short timeout, for a fragment.
    pub async fn fragment_categories(&self) -> Result<Vec<Category>, CallError> {
        let list: List<Category> = self.0.get(&["categories"]).timeout(SHORT_TIMEOUT).send().await?;
        Ok(list.items)
    }

    pub async fn category(&self, slug: &str) -> Result<Option<Category>, CallError> {
        self.0.get(&["categories", slug]).find().await
    }

    pub async fn products(&self, query: &ProductQuery<'_>) -> Result<ProductPage, CallError> {
        self.product_request(query).send().await
    }

    /// The same with a short timeout, for a fragment.
    pub async fn fragment_products(&self, query: &ProductQuery<'_>) -> Result<ProductPage, CallError> {
        self.product_request(query).timeout(SHORT_TIMEOUT).send().await
    }

    /// Asks for the basic view, since product cards show no descriptions.
    fn product_request(&self, query: &ProductQuery<'_>) -> Request {
        self.0.get(&["products"]).query(query).query(&[("view", "basic")])
    }

    /// All stories; none if catalog does not answer in time.
    pub async fn stories(&self) -> Vec<Story> {
        match self
            .0
            .get(&["stories"])
            .timeout(SHORT_TIMEOUT)
            .send::<List<Story>>()
            .await
        {
            Ok(list) => list.items,
            Err(error) => {
                tracing::warn!(
                    upstream = error.part(),
                    error = causes(&error),
                    "call failed: a page is shown without stories"
                );
                Vec::new()
            }
        }
    }

    /// All shops, ordered by position.
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
    fn contract_examples_can_be_read() {
        let contract = Contract::of("services/catalog");
        let categories: List<Category> = contract.read("get", "/categories", 200);
        assert_eq!(categories.items[0].slug, "vases");
        let category: Category = contract.read("get", "/categories/{slug}", 200);
        assert_eq!(category.name, "Vases");
        let page: ProductPage = contract.read("get", "/products", 200);
        assert_eq!((&*page.items[0].variants[0].sku, page.total), ("onda-vase-sand", 1));
        let stories: List<Story> = contract.read("get", "/stories", 200);
        assert_eq!(stories.items[0].link.href, "/category/vases");
        let shops: List<Shop> = contract.read("get", "/shops", 200);
        assert_eq!(shops.items[0].address.country, "DE");
    }
}
