//! Pricing: prices and shipping rates. The page is shown without them if it does not answer.

use std::collections::HashMap;

use futures_util::future::join_all;
use money::Money;
use serde::Deserialize;
use service::{Client, batches};

use super::{OPTIONAL_TIMEOUT, optional};

/// The country whose shipping rates are shown: most parcels go there. The checkout shows those of other countries.
const COUNTRY: &str = "DE";

/// The pricing service.
#[derive(Clone, Debug)]
pub struct Pricing(Client);

/// The prices of SKUs. Empty if pricing does not answer in time.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "PriceList")]
pub struct Prices(HashMap<String, Price>);

/// The price of one unit.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    pub price: Money,
    /// The price before a reduction, if there is one
    pub compare_at: Option<Money>,
}

#[derive(Deserialize)]
struct PriceList {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    price: Money,
    compare_at: Option<Money>,
}

impl From<PriceList> for Prices {
    fn from(list: PriceList) -> Self {
        let price = |item: Item| {
            let Item { sku, price, compare_at } = item;
            (sku, Price { price, compare_at })
        };
        Self(list.items.into_iter().map(price).collect())
    }
}

/// The shipping rates for a country.
#[derive(Debug, Deserialize)]
pub struct ShippingRates {
    pub items: Vec<ShippingRate>,
}

/// A delivery method and its price.
#[derive(Debug, Deserialize)]
pub struct ShippingRate {
    pub method: String,
    pub name: String,
    pub days: String,
    pub price: Money,
}

impl Prices {
    /// Finds the price of a SKU.
    pub fn of(&self, sku: &str) -> Option<Price> {
        self.0.get(sku).copied()
    }
}

impl Pricing {
    /// Calls pricing through this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Finds the prices of SKUs. Those that do not come in time are absent.
    pub async fn prices(&self, skus: &[&str]) -> Prices {
        let calls = batches(skus.iter().copied()).into_iter().map(|batch| self.list(batch));
        let lists = join_all(calls).await;
        Prices(lists.into_iter().flat_map(|prices| prices.0).collect())
    }

    async fn list(&self, skus: Vec<&str>) -> Prices {
        let skus = skus.into_iter().map(|sku| ("sku", sku));
        let query: Vec<_> = skus.chain([("currency", "EUR")]).collect();
        let call = self.0.get(&["prices"]).query(&query).timeout(OPTIONAL_TIMEOUT);
        optional(call.send().await).unwrap_or_default()
    }

    /// Lists the shipping rates. `None` if pricing does not answer in time.
    pub async fn shipping_rates(&self) -> Option<ShippingRates> {
        let query = [("country", COUNTRY), ("currency", "EUR")];
        let call = self.0.get(&["shipping"]).query(&query).timeout(OPTIONAL_TIMEOUT);
        optional(call.send().await)
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn contract_can_be_read() {
        let contract = Contract::of("services/pricing");
        let prices: Prices = contract.read("get", "/prices", 200);
        assert_eq!(prices.of("onda-vase-sand").map(|price| price.price.minor), Some(4800));
        assert!(prices.of("no-such-thing").is_none());
        let rates: ShippingRates = contract.read("get", "/shipping", 200);
        assert_eq!(rates.items[0].method, "standard");
    }
}
