//! Inventory: whether it is there. The page can live without it.

use std::time::Duration;

use serde::Deserialize;
use service::{CallError, Client, Tag};

use super::{PATIENCE, optional};

/// How long inventory is asked to hold an answer back for a change.
const WAIT: Duration = Duration::from_secs(20);
/// How long an answer that was held back may take on its way.
const MARGIN: Duration = Duration::from_secs(5);

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
}

impl Stock {
    /// How many of a SKU can be bought; of what was never counted, none.
    pub fn of(&self, sku: &str) -> u32 {
        let item = self.items.iter().find(|item| item.sku == sku);
        item.map_or(0, |item| item.available)
    }
}

impl Inventory {
    /// Inventory, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The stock of SKUs joined by commas; none where inventory did not answer.
    pub async fn stock(&self, skus: &str) -> Option<Stock> {
        let call = self.0.get(&["stock"]).query(&[("sku", skus)]).timeout(PATIENCE);
        optional(call.send().await)
    }

    /// Waits for a change of what can be had of SKUs joined by commas, that was seen with this tag; none where it stays
    /// as it is for a while. Without a tag, how it is now.
    pub async fn change(&self, skus: &str, seen: Option<&Tag>) -> Result<Option<(Stock, Tag)>, CallError> {
        let mut call = self.0.get(&["availability"]).query(&[("sku", skus)]);
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
        let malformed = |what: String| CallError::Malformed("inventory", what);
        let stock = serde_json::from_slice(&body).map_err(|error| malformed(error.to_string()))?;
        let tag = Tag::of_answer(&headers).ok_or_else(|| malformed("no etag".to_owned()))?;
        Ok(Some((stock, tag)).filter(|(_, tag)| Some(tag) != seen))
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
        let stock: Stock = Contract::of("services/inventory").read("get", "/availability", 200);
        assert_eq!(stock.of("onda-vase-sand"), 12);
    }
}
