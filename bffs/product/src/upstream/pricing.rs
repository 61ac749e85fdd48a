//! Pricing: what it costs, and what it costs to have it delivered. The page can live without it.

use money::Money;
use serde::Deserialize;
use service::Client;

use super::{PATIENCE, optional};

/// Where most parcels go; whoever lives elsewhere is told at the checkout.
const HOME: &str = "DE";

/// The pricing service.
#[derive(Clone, Debug)]
pub struct Pricing(Client);

/// The prices that were found; empty where pricing did not answer.
#[derive(Debug, Default, Deserialize)]
pub struct Prices {
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    sku: String,
    price: Money,
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
    pub fn of(&self, sku: &str) -> Option<Money> {
        self.items.iter().find(|item| item.sku == sku).map(|item| item.price)
    }
}

impl Pricing {
    /// Pricing, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The prices of SKUs joined by commas.
    pub async fn prices(&self, skus: &str) -> Prices {
        let query = [("sku", skus), ("currency", "EUR")];
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
        assert_eq!(prices.of("onda-vase-sand").map(|price| price.minor), Some(4800));
        assert_eq!(prices.of("no-such-thing"), None);
        let rates: Rates = contract.read("get", "/shipping", 200);
        assert_eq!(rates.items[0].method, "standard");
    }
}
