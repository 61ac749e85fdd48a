//! Inventory: whether it is there. The page can live without it.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use serde::Deserialize;
use service::{BoxError, CallError, Client, Tag, batches};

use super::{PATIENCE, optional};

/// How long inventory is asked to hold an answer back for a change.
const WAIT: Duration = Duration::from_secs(20);
/// How long an answer that was held back may take on its way.
const MARGIN: Duration = Duration::from_secs(5);

/// The inventory service.
#[derive(Clone, Debug)]
pub struct Inventory(Client);

/// The stock that was found, by SKU.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "List")]
pub struct Stock(HashMap<String, Supply>);

/// How many of a SKU can be bought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Supply {
    /// So many
    Units(u32),
    /// Any number: nobody counts them, or what is missing is sent later
    Endless,
    /// Any number, and none is there now
    Later,
}

#[derive(Deserialize)]
struct List {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    available: u32,
    // A part of an earlier version says neither of these.
    #[serde(default = "yes")]
    tracked: bool,
    #[serde(default)]
    backorder: Backorder,
}

#[derive(Default, Deserialize)]
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

impl From<List> for Stock {
    fn from(list: List) -> Self {
        let supply = |item: &Item| match (item.tracked, &item.backorder) {
            (true, Backorder::Deny) => Supply::Units(item.available),
            (true, Backorder::Allow) if item.available == 0 => Supply::Later,
            (false, _) | (true, Backorder::Allow) => Supply::Endless,
        };
        let items = list.items.into_iter();
        Self(
            items
                .map(|item| (supply(&item), item))
                .map(|(supply, item)| (item.sku, supply))
                .collect(),
        )
    }
}

impl Stock {
    /// How many of a SKU can be bought, if it was ever counted.
    pub fn of(&self, sku: &str) -> Option<Supply> {
        self.0.get(sku).copied()
    }
}

impl Inventory {
    /// Inventory, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The stock of these SKUs; none where inventory did not answer.
    pub async fn stock(&self, skus: &[&str]) -> Option<Stock> {
        let ask = |some: Vec<&str>| {
            let call = self.0.get(&["stock"]).query(&query(some));
            call.timeout(PATIENCE).send::<Stock>()
        };
        let calls = batches(skus.iter().copied()).into_iter().map(ask);
        let stocks = optional(try_join_all(calls).await)?;
        Some(Stock(stocks.into_iter().flat_map(|stock| stock.0).collect()))
    }

    /// Waits for a change of what can be had of SKUs, no more than one call takes, that was seen with this tag; none
    /// where it stays as it is for a while. Without a tag, how it is now.
    pub async fn change(&self, skus: &[String], seen: Option<&Tag>) -> Result<Option<(Stock, Tag)>, CallError> {
        let skus = skus.iter().map(|sku| &**sku);
        let mut call = self.0.get(&["availability"]).query(&query(skus));
        if let Some(seen) = seen {
            call = call.header("if-none-match", seen.as_str());
            call = call
                .header("prefer", format!("wait={}", WAIT.as_secs()))
                .timeout(WAIT + MARGIN);
        }
        let (headers, body) = call.exchange().await?;
        if body.is_empty() {
            return Ok(None);
        }
        let malformed = |error: BoxError| CallError::Malformed("inventory", error);
        let stock = serde_json::from_slice(&body).map_err(|error| malformed(error.into()))?;
        let tag = Tag::of_answer(&headers).ok_or_else(|| malformed("there is no etag".into()))?;
        Ok(Some((stock, tag)).filter(|(_, tag)| Some(tag) != seen))
    }
}

fn query<'a>(skus: impl IntoIterator<Item = &'a str>) -> Vec<(&'static str, &'a str)> {
    skus.into_iter().map(|sku| ("sku", sku)).collect()
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let stock: Stock = Contract::of("services/inventory").read("get", "/stock", 200);
        assert_eq!(stock.of("onda-vase-sand"), Some(Supply::Units(12)));
        assert_eq!(stock.of("no-such-thing"), None);
        let stock: Stock = Contract::of("services/inventory").read("get", "/availability", 200);
        assert_eq!(stock.of("onda-vase-sand"), Some(Supply::Units(12)));
    }

    #[test]
    fn what_is_not_counted_or_may_wait_can_be_bought() {
        let item = |sku, available, tracked, backorder| serde_json::json!({ "sku": sku, "available": available, "tracked": tracked, "backorder": backorder });
        let items = [
            item("a", 0, false, "deny"),
            item("b", 0, true, "allow"),
            item("c", 1, true, "allow"),
            item("d", 0, true, "of-the-future"),
        ];
        let stock: Stock = serde_json::from_value(serde_json::json!({ "items": items })).unwrap();
        let supplies = ["a", "b", "c", "d"].map(|sku| stock.of(sku).unwrap());
        assert_eq!(
            supplies,
            [Supply::Endless, Supply::Later, Supply::Endless, Supply::Units(0)]
        );
    }
}
