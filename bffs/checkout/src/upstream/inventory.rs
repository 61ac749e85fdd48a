//! Inventory: whether it is there. Pages can live without it: an order asks again.

use serde::Deserialize;
use service::Client;

use super::{Line, PATIENCE, list_of, optional};

/// The inventory service.
#[derive(Clone, Debug)]
pub struct Inventory(Client);

/// The stock that was found.
#[derive(Debug, Deserialize)]
pub struct Stock {
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    sku: String,
    available: u32,
    // A part of an earlier version says neither of these.
    #[serde(default = "yes")]
    tracked: bool,
    #[serde(default)]
    backorder: Backorder,
}

/// Whether it may be bought when none is left.
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

impl Item {
    /// How many can be bought: of what is not counted, or may be sent later, as many as anybody wants.
    fn sellable(&self) -> u32 {
        if self.tracked && self.backorder == Backorder::Deny {
            self.available
        } else {
            u32::MAX
        }
    }
}

impl Stock {
    /// How many of a SKU can be bought; of what was never counted, none.
    pub fn of(&self, sku: &str) -> u32 {
        let item = self.items.iter().find(|item| item.sku == sku);
        item.map_or(0, Item::sellable)
    }
}

impl Inventory {
    /// Inventory, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The stock behind a cart's lines; none where inventory did not answer.
    pub async fn stock(&self, lines: &[Line]) -> Option<Stock> {
        self.look_up(lines.iter().map(|line| &*line.sku)).await
    }

    /// How many of one thing can be bought; none where inventory did not answer.
    pub async fn available(&self, sku: &str) -> Option<u32> {
        self.look_up([sku]).await.map(|stock| stock.of(sku))
    }

    async fn look_up(&self, skus: impl IntoIterator<Item = &str>) -> Option<Stock> {
        let ask = |query| self.0.get(&["stock"]).query(&query).timeout(PATIENCE).send();
        optional(list_of(skus, ask).await).map(|items| Stock { items })
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let stock: Stock = Contract::of("services/inventory").read("get", "/stock", 200);
        assert_eq!(stock.of("onda-vase-sand"), 12);
        assert_eq!(stock.of("no-such-thing"), 0);
    }
}
