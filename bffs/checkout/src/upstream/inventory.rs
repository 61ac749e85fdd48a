//! Inventory: available stock. It is optional on pages, because an order checks it again.

use serde::Deserialize;
use service::Client;

use super::{LineItem, OPTIONAL_TIMEOUT, list_by_sku, optional};

/// The inventory service.
#[derive(Clone, Debug)]
pub struct Inventory(Client);

/// The stock levels that were found.
#[derive(Debug, Deserialize)]
pub struct Stock {
    items: Vec<StockLevel>,
}

#[derive(Debug, Deserialize)]
struct StockLevel {
    sku: String,
    available: u32,
    // An inventory of an earlier version sends neither of these.
    #[serde(default = "yes")]
    tracked: bool,
    #[serde(default)]
    backorder: Backorder,
}

/// Whether it can be ordered when it is out of stock.
#[derive(Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Backorder {
    Allow,
    #[default]
    #[serde(other)]
    Deny,
}

fn yes() -> bool {
    true
}

impl StockLevel {
    /// How many can be bought; unlimited if stock is not tracked or backorders are allowed.
    fn sellable(&self) -> u32 {
        if self.tracked && self.backorder == Backorder::Deny {
            self.available
        } else {
            u32::MAX
        }
    }
}

impl Stock {
    /// How many of a SKU can be bought; 0 if inventory does not know the SKU.
    pub fn sellable(&self, sku: &str) -> u32 {
        let item = self.items.iter().find(|item| item.sku == sku);
        item.map_or(0, StockLevel::sellable)
    }
}

impl Inventory {
    /// The inventory service behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The stock of a cart's lines, if inventory answers in time.
    pub async fn stock(&self, lines: &[LineItem]) -> Option<Stock> {
        self.look_up(lines.iter().map(|line| &*line.sku)).await
    }

    /// How many of one SKU can be bought, if inventory answers in time.
    pub async fn sellable(&self, sku: &str) -> Option<u32> {
        self.look_up([sku]).await.map(|stock| stock.sellable(sku))
    }

    async fn look_up(&self, skus: impl IntoIterator<Item = &str>) -> Option<Stock> {
        let call = |query| self.0.get(&["stock"]).query(&query).timeout(OPTIONAL_TIMEOUT).send();
        optional(list_by_sku(skus, call).await).map(|items| Stock { items })
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn contract_is_readable() {
        let stock: Stock = Contract::of("services/inventory").read("get", "/stock", 200);
        assert_eq!(stock.sellable("onda-vase-sand"), 12);
        assert_eq!(stock.sellable("no-such-thing"), 0);
    }
}
