//! Pricing: what it costs, and what it costs to have it delivered. The page can live without it.

use std::collections::HashMap;

use futures_util::future::join_all;
use money::Money;
use serde::Deserialize;
use service::{Client, batches};

use super::{PATIENCE, optional};

/// Where most parcels go; whoever lives elsewhere is told at the checkout.
const HOME: &str = "DE";

/// The pricing service.
#[derive(Clone, Debug)]
pub struct Pricing(Client);

/// The prices that were found, by SKU; empty where pricing did not answer.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "List")]
pub struct Prices(HashMap<String, Price>);

/// What one of a thing costs.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    pub price: Money,
    /// What it cost before, if that is told
    pub compare_at: Option<Money>,
}

#[derive(Deserialize)]
struct List {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    price: Money,
    compare_at: Option<Money>,
}

impl From<List> for Prices {
    fn from(list: List) -> Self {
        let price = |item: Item| {
            let Item { sku, price, compare_at } = item;
            (sku, Price { price, compare_at })
        };
        Self(list.items.into_iter().map(price).collect())
    }
}

/// The ways to deliver to a country.
#[derive(Debug, Deserialize)]
pub struct Rates {
    pub items: Vec<Rate>,
}

/// One way to deliver.
#[derive(Debug, Deserialize)]
pub struct Rate {
    pub method: String,
    pub name: String,
    pub days: String,
    pub price: Money,
}

impl Prices {
    /// The price of a SKU, if it is known.
    pub fn of(&self, sku: &str) -> Option<Price> {
        self.0.get(sku).copied()
    }
}

impl Pricing {
    /// Pricing, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The prices of these SKUs, as far as they come in time.
    pub async fn prices(&self, skus: &[&str]) -> Prices {
        let calls = batches(skus.iter().copied()).into_iter().map(|some| self.list(some));
        let lists = join_all(calls).await;
        Prices(lists.into_iter().flat_map(|prices| prices.0).collect())
    }

    async fn list(&self, skus: Vec<&str>) -> Prices {
        let skus = skus.into_iter().map(|sku| ("sku", sku));
        let query: Vec<_> = skus.chain([("currency", "EUR")]).collect();
        let call = self.0.get(&["prices"]).query(&query).timeout(PATIENCE);
        optional(call.send().await).unwrap_or_default()
    }

    /// The ways to deliver; none where pricing did not answer.
    pub async fn rates(&self) -> Option<Rates> {
        let query = [("country", HOME), ("currency", "EUR")];
        let call = self.0.get(&["shipping"]).query(&query).timeout(PATIENCE);
        optional(call.send().await)
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("services/pricing");
        let prices: Prices = contract.read("get", "/prices", 200);
        assert_eq!(prices.of("onda-vase-sand").map(|price| price.price.minor), Some(4800));
        assert!(prices.of("no-such-thing").is_none());
        let rates: Rates = contract.read("get", "/shipping", 200);
        assert_eq!(rates.items[0].method, "standard");
    }
}
