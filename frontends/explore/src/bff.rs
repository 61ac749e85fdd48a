//! The BFF: the only outgoing calls. Each struct holds the fields that are drawn.

use std::time::Duration;

use money::Money;
use serde::Deserialize;
use service::{CallError, Client};

/// Every page waits for its header, so the header waits for nobody long.
const PATIENCE: Duration = Duration::from_millis(150);

/// The explore BFF.
#[derive(Clone, Debug)]
pub struct Bff(Client);

/// What the home page shows.
#[derive(Debug, Deserialize)]
pub struct Home {
    pub categories: Vec<Category>,
    pub products: Vec<Product>,
}

/// What a category's page shows.
#[derive(Debug, Deserialize)]
pub struct CategoryPage {
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub products: Vec<Product>,
    pub next: Option<String>,
}

/// What the header links to.
#[derive(Debug, Default, Deserialize)]
pub struct Header {
    pub categories: Vec<Link>,
}

/// A category by its name.
#[derive(Debug, Deserialize)]
pub struct Link {
    pub slug: String,
    pub name: String,
}

/// A category.
#[derive(Debug, Deserialize)]
pub struct Category {
    pub slug: String,
    pub name: String,
    pub summary: String,
}

/// A product among others.
#[derive(Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
    pub maker: String,
    pub picture: Option<String>,
    pub price: Option<Price>,
}

/// What a product costs, or its cheapest variant.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Price {
    pub from: bool,
    pub price: Money,
}

impl Bff {
    /// The BFF behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// What the home page shows.
    pub async fn home(&self) -> Result<Home, CallError> {
        self.0.get(&["home"]).send().await
    }

    /// Finds what a category's page shows, from a place on.
    pub async fn category(&self, slug: &str, after: Option<&str>) -> Result<Option<CategoryPage>, CallError> {
        let query = [("after", after)];
        self.0.get(&["categories", slug]).query(&query).find().await
    }

    /// What the header links to.
    pub async fn header(&self) -> Result<Header, CallError> {
        self.0.get(&["header"]).timeout(PATIENCE).send().await
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("bffs/explore");
        let home: Home = contract.read("get", "/home", 200);
        assert_eq!(
            (&*home.categories[0].slug, &*home.products[0].slug),
            ("vases", "onda-vase")
        );
        let category: CategoryPage = contract.read("get", "/categories/{slug}", 200);
        assert_eq!(category.products[0].price.as_ref().map(|price| price.from), Some(true));
        let header: Header = contract.read("get", "/header", 200);
        assert_eq!(header.categories[0].name, "Vases");
    }
}
