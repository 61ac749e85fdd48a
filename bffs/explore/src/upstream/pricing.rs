//! Pricing: what it costs. A page can live without it.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use money::Money;
use serde::Deserialize;
use service::Client;

/// How long a page waits for prices.
const PATIENCE: Duration = Duration::from_millis(150);
/// How many SKUs pricing takes in one call.
const AT_ONCE: usize = 100;

/// The pricing service.
#[derive(Clone, Debug)]
pub struct Pricing(Client);

/// The prices that were found, by SKU.
#[derive(Debug, Default)]
pub struct Prices(HashMap<String, Money>);

#[derive(Debug, Deserialize)]
struct List {
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    sku: String,
    price: Money,
}

impl Prices {
    /// The price of a SKU, if it is known.
    pub fn of(&self, sku: &str) -> Option<Money> {
        self.0.get(sku).copied()
    }
}

impl FromIterator<(String, Money)> for Prices {
    fn from_iter<I: IntoIterator<Item = (String, Money)>>(prices: I) -> Self {
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
        let lists = join_all(skus.chunks(AT_ONCE).map(|some| self.list(some.join(",")))).await;
        let items = lists.into_iter().flatten();
        items.map(|item| (item.sku, item.price)).collect()
    }

    async fn list(&self, skus: String) -> Vec<Item> {
        let query = [("sku", skus.as_str()), ("currency", "EUR")];
        let call = self.0.get(&["prices"]).query(&query).timeout(PATIENCE);
        match call.send::<List>().await {
            Ok(list) => list.items,
            Err(error) => {
                tracing::warn!(%error, "shown without prices");
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
