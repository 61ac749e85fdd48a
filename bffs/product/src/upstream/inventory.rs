//! Inventory: stock. The page is shown without it if it does not answer.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use serde::Deserialize;
use service::{BoxError, CallError, Client, ETag, batches};

use super::{OPTIONAL_TIMEOUT, optional};

/// How long inventory is asked to wait for a change.
const WAIT: Duration = Duration::from_secs(20);
/// How much longer the answer may take.
const MARGIN: Duration = Duration::from_secs(5);

/// The inventory service.
#[derive(Clone, Debug)]
pub struct Inventory(Client);

/// The stock of SKUs. SKUs without stock are absent.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "StockList")]
pub struct Stock(HashMap<String, Supply>);

/// How many units of a SKU can be bought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Supply {
    /// This many
    Units(u32),
    /// Any number: units are not counted, or missing ones are sent later
    Unlimited,
    /// Any number, but none is in stock now
    Backorder,
}

#[derive(Deserialize)]
struct StockList {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    available: u32,
    // Older versions of inventory do not send these two.
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

impl From<StockList> for Stock {
    fn from(list: StockList) -> Self {
        let supply = |item: &Item| match (item.tracked, &item.backorder) {
            (true, Backorder::Deny) => Supply::Units(item.available),
            (true, Backorder::Allow) if item.available == 0 => Supply::Backorder,
            (false, _) | (true, Backorder::Allow) => Supply::Unlimited,
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
    /// How many units of a SKU can be bought. `None` if it has no stock.
    pub fn of(&self, sku: &str) -> Option<Supply> {
        self.0.get(sku).copied()
    }
}

impl Inventory {
    /// Calls inventory through this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// Finds the stock of SKUs. `None` if inventory does not answer in time.
    pub async fn stock(&self, skus: &[&str]) -> Option<Stock> {
        let ask = |batch: Vec<&str>| {
            let call = self.0.get(&["stock"]).query(&query(batch));
            call.timeout(OPTIONAL_TIMEOUT).send::<Stock>()
        };
        let calls = batches(skus.iter().copied()).into_iter().map(ask);
        let stocks = optional(try_join_all(calls).await)?;
        Some(Stock(stocks.into_iter().flat_map(|stock| stock.0).collect()))
    }

    /// Waits until the stock of SKUs differs from the state with this tag. `None` if it does not change for a while.
    /// Without a tag, returns the current stock. There may be at most as many SKUs as one call may have.
    pub async fn change(&self, skus: &[String], seen: Option<&ETag>) -> Result<Option<(Stock, ETag)>, CallError> {
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
        let tag = ETag::from_headers(&headers).ok_or_else(|| malformed("the answer has no etag".into()))?;
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
    fn contract_can_be_read() {
        let stock: Stock = Contract::of("services/inventory").read("get", "/stock", 200);
        assert_eq!(stock.of("onda-vase-sand"), Some(Supply::Units(12)));
        assert_eq!(stock.of("no-such-thing"), None);
        let stock: Stock = Contract::of("services/inventory").read("get", "/availability", 200);
        assert_eq!(stock.of("onda-vase-sand"), Some(Supply::Units(12)));
    }

    #[test]
    fn untracked_and_backordered_skus_can_be_bought() {
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
            [
                Supply::Unlimited,
                Supply::Backorder,
                Supply::Unlimited,
                Supply::Units(0)
            ]
        );
    }
}
