//! Follows stock. However many sockets show the same product, inventory is asked once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use service::background::{Failure, Progress, Work};
use service::{Background, causes};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::upstream::{Inventory, Stock};

/// The shortest time between two requests that inventory answers without a change: because it does not hold them, or
/// because it cannot be reached.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// The latest stock of some SKUs. `None` until inventory has answered.
pub type LatestStock = Option<Arc<Stock>>;

type Feeds = HashMap<Vec<String>, Arc<watch::Sender<LatestStock>>>;

/// The stock that is followed, by SKUs.
#[derive(Clone, Debug)]
pub struct StockFeeds {
    inventory: Inventory,
    feeds: Arc<Mutex<Feeds>>,
}

impl StockFeeds {
    /// Follows nothing yet.
    pub fn new(inventory: Inventory) -> Self {
        Self {
            inventory,
            feeds: Arc::default(),
        }
    }

    /// Follows the stock of SKUs, at most as many as one call may have, until the receiver is dropped.
    pub fn subscribe(&self, skus: &[String]) -> watch::Receiver<LatestStock> {
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(feed) = feeds.get(skus) {
            return feed.subscribe();
        }
        let (sender, receiver) = watch::channel(None);
        let sender = Arc::new(sender);
        feeds.insert(skus.to_vec(), Arc::clone(&sender));
        let feed = StockFeed {
            feeds: self.clone(),
            skus: skus.to_vec(),
            stock: sender,
        };
        Background::start("stock", feed).detach();
        receiver
    }
}

/// The stock of some SKUs, as long as it has subscribers.
struct StockFeed {
    feeds: StockFeeds,
    skus: Vec<String>,
    stock: Arc<watch::Sender<LatestStock>>,
}

impl Work for StockFeed {
    async fn run(&mut self, progress: &Progress) -> Result<(), Failure> {
        loop {
            tokio::select! {
                () = self.publish(progress) => {}
                () = self.stock.closed() => {
                    let mut feeds = self.feeds.feeds.lock().unwrap_or_else(PoisonError::into_inner);
                    // A new subscriber may have come before the lock.
                    if self.stock.is_closed() {
                        feeds.remove(&self.skus);
                        return Ok(());
                    }
                }
            }
        }
    }
}

impl StockFeed {
    /// Publishes every change. Never returns.
    async fn publish(&self, progress: &Progress) {
        let mut seen = None;
        loop {
            let begun = Instant::now();
            match self.feeds.inventory.change(&self.skus, seen.as_ref()).await {
                Ok(Some((stock, tag))) => {
                    progress.succeeded();
                    self.stock.send_replace(Some(Arc::new(stock)));
                    seen = Some(tag);
                    continue;
                }
                Ok(None) => progress.succeeded(),
                Err(error) => tracing::warn!(error = causes(&error), "stock cannot be followed"),
            }
            sleep_until(begun + MIN_INTERVAL).await;
        }
    }
}
