//! The client of the explore BFF. Each struct has only the fields that are shown.

use std::time::Duration;

use money::Money;
use serde::{Deserialize, Serialize};
use service::{CallError, Client};

/// The timeout for fragments: shorter than the shell's, so that a slow BFF is reported here, and longer than the BFF's own for
/// services.
const FRAGMENT_TIMEOUT: Duration = Duration::from_millis(200);

/// A client of the explore BFF.
#[derive(Clone, Debug)]
pub struct Bff(Client);

#[derive(Debug, Deserialize)]
pub struct HomePage {
    pub categories: Vec<Category>,
    pub stories: Vec<Story>,
    pub products: Vec<ProductCard>,
}

#[derive(Debug, Deserialize)]
pub struct CategoryPage {
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub total: u64,
    pub products: Vec<ProductCard>,
    pub next: Option<String>,
}

/// The sort order of a category's products.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub enum Sort {
    #[default]
    #[serde(rename = "newest")]
    Newest,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "price")]
    PriceAscending,
    #[serde(rename = "-price")]
    PriceDescending,
}

#[derive(Debug, Deserialize)]
pub struct SearchPage {
    pub q: String,
    pub total: u64,
    pub products: Vec<ProductCard>,
    pub next: Option<String>,
    pub categories: Vec<CategoryLink>,
}

#[derive(Debug, Deserialize)]
pub struct StoresPage {
    pub shops: Vec<Shop>,
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

#[derive(Debug, Deserialize)]
pub struct Recommendations {
    pub products: Vec<ProductCard>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Header {
    pub categories: Vec<CategoryLink>,
}

#[derive(Debug, Deserialize)]
pub struct CategoryLink {
    pub slug: String,
    pub name: String,
}

#[derive(Debug, Deserialize)]
pub struct Category {
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub picture: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Story {
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

/// A product in a list.
#[derive(Debug, Deserialize)]
pub struct ProductCard {
    pub slug: String,
    pub name: String,
    pub vendor: Option<String>,
    pub picture: Option<String>,
    pub price: Option<CardPrice>,
}

/// The price of a product's cheapest variant.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct CardPrice {
    pub from: bool,
    pub price: Money,
    pub compare_at: Option<Money>,
}

#[derive(Serialize)]
struct CategoryQuery<'a> {
    sort: Sort,
    after: Option<&'a str>,
}

impl Bff {
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    pub async fn home(&self) -> Result<HomePage, CallError> {
        self.0.get(&["home"]).send().await
    }

    /// A page of a category, beginning after the cursor. `None` if there is no such category.
    pub async fn category(
        &self,
        slug: &str,
        sort: Sort,
        after: Option<&str>,
    ) -> Result<Option<CategoryPage>, CallError> {
        let query = CategoryQuery { sort, after };
        self.0.get(&["categories", slug]).query(&query).find().await
    }

    /// A page of search results, beginning after the cursor.
    pub async fn search(&self, q: &str, after: Option<&str>) -> Result<SearchPage, CallError> {
        let query = [("q", Some(q)), ("after", after)];
        self.0.get(&["search"]).query(&query).send().await
    }

    pub async fn stores(&self) -> Result<StoresPage, CallError> {
        self.0.get(&["stores"]).send().await
    }

    /// Recommendations for products, given by their slugs separated by commas.
    pub async fn recommendations(&self, slugs: &str) -> Result<Recommendations, CallError> {
        let call = self.0.get(&["recommendations"]).query(&[("for", slugs)]);
        call.timeout(FRAGMENT_TIMEOUT).send().await
    }

    pub async fn header(&self) -> Result<Header, CallError> {
        self.0.get(&["header"]).timeout(FRAGMENT_TIMEOUT).send().await
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn contract_examples_can_be_read() {
        let contract = Contract::of("bffs/explore");
        let home: HomePage = contract.read("get", "/home", 200);
        assert_eq!(
            (&*home.categories[0].slug, &*home.products[0].slug),
            ("vases", "onda-vase")
        );
        let category: CategoryPage = contract.read("get", "/categories/{slug}", 200);
        assert_eq!(category.products[0].price.as_ref().map(|price| price.from), Some(true));
        assert_eq!(home.stories[0].link.href, "/category/vases");
        let search: SearchPage = contract.read("get", "/search", 200);
        assert_eq!((&*search.q, search.total), ("onda", 1));
        let stores: StoresPage = contract.read("get", "/stores", 200);
        assert_eq!(stores.shops[0].address.city, "Berlin");
        let recommendations: Recommendations = contract.read("get", "/recommendations", 200);
        assert_eq!(recommendations.products[0].name, "Onda vase");
        let header: Header = contract.read("get", "/header", 200);
        assert_eq!(header.categories[0].name, "Vases");
    }
}
