//! The pricing service. Prices are optional: pages are shown without them.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use money::Money;
use serde::Deserialize;
use service::{Client, batches, causes};

/// The timeout for prices.
const TIMEOUT: Duration = Duration::from_millis(150);

#[derive(Clone, Debug)]
pub struct Pricing(Client);

/// Known prices by SKU.
#[derive(Debug, Default)]
pub struct Prices(HashMap<String, PriceWithPrevious>);

/// A price, and the previous price if there is one.
type PriceWithPrevious = (Money, Option<Money>);

#[derive(Debug, Deserialize)]
struct PriceList {
    items: Vec<SkuPrice>,
}

#[derive(Debug, Deserialize)]
struct SkuPrice {
    sku: String,
    price: Money,
    compare_at: Option<Money>,
}

impl Prices {
    pub fn get(&self, sku: &str) -> Option<PriceWithPrevious> {
        self.0.get(sku).copied()
    }
}

impl FromIterator<(String, PriceWithPrevious)> for Prices {
    fn from_iter<I: IntoIterator<Item = (String, PriceWithPrevious)>>(prices: I) -> Self {
        Self(prices.into_iter().collect())
    }
}

impl Pricing {
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The prices of these SKUs. A price is missing if pricing does not know it or does not answer in time.
    pub async fn prices(&self, skus: &[&str]) -> Prices {
        let calls = batches(skus.iter().copied()).into_iter().map(|batch| self.list(batch));
        let lists = join_all(calls).await;
        let items = lists.into_iter().flatten();
        items.map(|item| (item.sku, (item.price, item.compare_at))).collect()
    }

    async fn list(&self, skus: Vec<&str>) -> Vec<SkuPrice> {
        let skus = skus.into_iter().map(|sku| ("sku", sku));
        let query: Vec<_> = skus.chain([("currency", "EUR")]).collect();
        let call = self.0.get(&["prices"]).query(&query).timeout(TIMEOUT);
        match call.send::<PriceList>().await {
            Ok(list) => list.items,
            Err(error) => {
                tracing::warn!(
                    upstream = error.part(),
                    error = causes(&error),
                    "call failed: a page is shown without prices"
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
    fn contract_examples_can_be_read() {
        let list: PriceList = Contract::of("services/pricing").read("get", "/prices", 200);
        assert_eq!(
            (&*list.items[0].sku, list.items[0].price.minor),
            ("onda-vase-sand", 4800)
        );
    }
}
