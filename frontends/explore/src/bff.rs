//! The BFF: the only outgoing calls. Each struct holds the fields that are drawn.

use std::time::Duration;

use money::Money;
use serde::{Deserialize, Serialize};
use service::{CallError, Client};

/// How long a fragment waits: less than the shell does, so that it is noticed here who hangs, and more than the BFF, which
/// notices it of those behind it.
const PATIENCE: Duration = Duration::from_millis(200);

/// The explore BFF.
#[derive(Clone, Debug)]
pub struct Bff(Client);

/// What the home page shows.
#[derive(Debug, Deserialize)]
pub struct Home {
    pub categories: Vec<Category>,
    pub stories: Vec<Story>,
    pub products: Vec<Product>,
}

/// What a category's page shows.
#[derive(Debug, Deserialize)]
pub struct CategoryPage {
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub total: u64,
    pub products: Vec<Product>,
    pub next: Option<String>,
}

/// The order of a category's products.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub enum Sort {
    #[default]
    #[serde(rename = "newest")]
    Newest,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "price")]
    Cheapest,
    #[serde(rename = "-price")]
    Dearest,
}

/// What a search found.
#[derive(Debug, Deserialize)]
pub struct Search {
    pub q: String,
    pub total: u64,
    pub products: Vec<Product>,
    pub next: Option<String>,
    pub categories: Vec<Link>,
}

/// What the shops page shows.
#[derive(Debug, Deserialize)]
pub struct Stores {
    pub shops: Vec<Shop>,
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

/// What stands well beside other products.
#[derive(Debug, Deserialize)]
pub struct Recommendations {
    pub products: Vec<Product>,
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
    pub picture: Option<String>,
}

/// Something to tell.
#[derive(Debug, Deserialize)]
pub struct Story {
    pub title: String,
    pub text: String,
    pub picture: Option<String>,
    pub alt: String,
    pub link: Onward,
}

/// A way to another page.
#[derive(Debug, Deserialize)]
pub struct Onward {
    pub label: String,
    pub href: String,
}

/// A product among others.
#[derive(Debug, Deserialize)]
pub struct Product {
    pub slug: String,
    pub name: String,
    pub vendor: Option<String>,
    pub picture: Option<String>,
    pub price: Option<Price>,
}

/// What a product costs, or its cheapest variant.
#[derive(Clone, Copy, Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the words of the contract")]
pub struct Price {
    pub from: bool,
    pub price: Money,
    pub compare_at: Option<Money>,
}

#[derive(Serialize)]
struct Listing<'a> {
    sort: Sort,
    after: Option<&'a str>,
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

    /// Finds what a category's page shows, in an order, from a place on.
    pub async fn category(
        &self,
        slug: &str,
        sort: Sort,
        after: Option<&str>,
    ) -> Result<Option<CategoryPage>, CallError> {
        let query = Listing { sort, after };
        self.0.get(&["categories", slug]).query(&query).find().await
    }

    /// What is found by some words, from a place on.
    pub async fn search(&self, q: &str, after: Option<&str>) -> Result<Search, CallError> {
        let query = [("q", Some(q)), ("after", after)];
        self.0.get(&["search"]).query(&query).send().await
    }

    /// Where one can walk in.
    pub async fn stores(&self) -> Result<Stores, CallError> {
        self.0.get(&["stores"]).send().await
    }

    /// What stands well beside these products, their slugs joined by commas.
    pub async fn recommendations(&self, named: &str) -> Result<Recommendations, CallError> {
        let call = self.0.get(&["recommendations"]).query(&[("for", named)]);
        call.timeout(PATIENCE).send().await
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
        assert_eq!(home.stories[0].link.href, "/category/vases");
        let search: Search = contract.read("get", "/search", 200);
        assert_eq!((&*search.q, search.total), ("onda", 1));
        let stores: Stores = contract.read("get", "/stores", 200);
        assert_eq!(stores.shops[0].address.city, "Berlin");
        let recommendations: Recommendations = contract.read("get", "/recommendations", 200);
        assert_eq!(recommendations.products[0].name, "Onda vase");
        let header: Header = contract.read("get", "/header", 200);
        assert_eq!(header.categories[0].name, "Vases");
    }
}
