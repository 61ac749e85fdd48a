//! The accountant: marks some invoices as paid.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(300);

/// Marks invoices as paid until the trial ends.
pub struct Bookkeeper {
    /// URL of orders
    pub orders: String,
    /// URL of payments
    pub payments: String,
    /// Client for both
    pub client: Client,
    /// Chooses what is paid
    pub random: fastrand::Rng,
}

impl Bookkeeper {
    /// Works until the time is up. Returns the payments that are marked as paid for certain.
    pub async fn work(mut self, until: Instant) -> Vec<String> {
        let (mut seen, mut marked) = (BTreeSet::new(), Vec::new());
        while Instant::now() < until {
            sleep(PAUSE).await;
            let owed = self
                .get(&format!("{}/payments?outstanding=true&limit=100", self.payments))
                .await;
            let Some(owed) = owed.as_ref().and_then(|page| page["items"].as_array()) else {
                continue;
            };
            for payment in owed {
                let (Some(id), Some(order)) = (payment["id"].as_str(), payment["order"].as_str()) else {
                    continue;
                };
                // An invoice is paid only after the goods were sent.
                let order = self.get(&format!("{}/orders/{order}", self.orders)).await;
                if order.is_none_or(|order| order["status"] != "completed") || !seen.insert(id.to_owned()) {
                    continue;
                }
                if self.random.bool() && self.mark(id).await {
                    marked.push(id.to_owned());
                }
            }
        }
        marked
    }

    async fn get(&self, url: &str) -> Option<Value> {
        let answer = self.client.get(url).send().await.ok()?;
        answer.error_for_status().ok()?.json().await.ok()
    }

    async fn mark(&self, payment: &str) -> bool {
        let request = self
            .client
            .post(format!("{}/payments/{payment}/capture", self.payments));
        request.send().await.is_ok_and(|answer| answer.status().is_success())
    }
}
