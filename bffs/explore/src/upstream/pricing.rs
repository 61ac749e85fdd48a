//! Pricing: what it costs. A page can live without it.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use money::Money;
use serde::Deserialize;
use service::{Client, batches, causes};

/// How long a page waits for prices.
const PATIENCE: Duration = Duration::from_millis(150);

/// The pricing service.
#[derive(Clone, Debug)]
pub struct Pricing(Client);

/// The prices that were found, by SKU, each with what it was before, if that is told.
#[derive(Debug, Default)]
pub struct Prices(HashMap<String, Known>);

type Known = (Money, Option<Money>);

#[derive(Debug, Deserialize)]
struct List {
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    sku: String,
    price: Money,
    compare_at: Option<Money>,
}

impl Prices {
    /// The price of a SKU, if it is known.
    pub fn of(&self, sku: &str) -> Option<Known> {
        self.0.get(sku).copied()
    }
}

impl FromIterator<(String, Known)> for Prices {
    fn from_iter<I: IntoIterator<Item = (String, Known)>>(prices: I) -> Self {
        Self(prices.into_iter().collect())
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
        let items = lists.into_iter().flatten();
        items.map(|item| (item.sku, (item.price, item.compare_at))).collect()
    }

    async fn list(&self, skus: Vec<&str>) -> Vec<Item> {
        let skus = skus.into_iter().map(|sku| ("sku", sku));
        let query: Vec<_> = skus.chain([("currency", "EUR")]).collect();
        let call = self.0.get(&["prices"]).query(&query).timeout(PATIENCE);
        match call.send::<List>().await {
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
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let list: List = Contract::of("services/pricing").read("get", "/prices", 200);
        assert_eq!(
            (&*list.items[0].sku, list.items[0].price.minor),
            ("onda-vase-sand", 4800)
        );
    }
}
