//! What is followed: for all who look at the same product, inventory is asked once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use service::background::{Failure, Progress, Work};
use service::{Background, causes};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::upstream::{Inventory, Stock};

/// Inventory is asked no more often than this, even where it does not wait: because many do, or because it is away.
const PAUSE: Duration = Duration::from_secs(1);

/// The stock of some SKUs as it was last heard of; none before that.
pub type Known = Option<Arc<Stock>>;

type Stocks = HashMap<Vec<String>, Arc<watch::Sender<Known>>>;

/// Stock that somebody follows, by its SKUs.
#[derive(Clone, Debug)]
pub struct Followed {
    inventory: Inventory,
    stocks: Arc<Mutex<Stocks>>,
}

impl Followed {
    /// Nobody follows anything yet.
    pub fn new(inventory: Inventory) -> Self {
        Self {
            inventory,
            stocks: Arc::default(),
        }
    }

    /// Follows the stock of SKUs, no more than one call takes, for as long as the receiver is kept.
    pub fn stock(&self, skus: &[String]) -> watch::Receiver<Known> {
        let mut stocks = self.stocks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stock) = stocks.get(skus) {
            return stock.subscribe();
        }
        let (sender, receiver) = watch::channel(None);
        let sender = Arc::new(sender);
        stocks.insert(skus.to_vec(), Arc::clone(&sender));
        let following = Following {
            followed: self.clone(),
            skus: skus.to_vec(),
            stock: sender,
        };
        Background::start("stock", following).detach();
        receiver
    }
}

/// The stock of some SKUs, for as long as somebody follows it.
struct Following {
    followed: Followed,
    skus: Vec<String>,
    stock: Arc<watch::Sender<Known>>,
}

impl Work for Following {
    async fn run(&mut self, progress: &Progress) -> Result<(), Failure> {
        loop {
            tokio::select! {
                () = self.tell(progress) => {}
                () = self.stock.closed() => {
                    let mut stocks = self.followed.stocks.lock().unwrap_or_else(PoisonError::into_inner);
                    // Somebody may have come in this very moment.
                    if self.stock.is_closed() {
                        stocks.remove(&self.skus);
                        return Ok(());
                    }
                }
            }
        }
    }
}

impl Following {
    /// Tells every change. Never ends.
    async fn tell(&self, progress: &Progress) {
        let mut seen = None;
        loop {
            let begun = Instant::now();
            match self.followed.inventory.change(&self.skus, seen.as_ref()).await {
                Ok(Some((now, tag))) => {
                    progress.made();
                    self.stock.send_replace(Some(Arc::new(now)));
                    seen = Some(tag);
                    continue;
                }
                Ok(None) => progress.made(),
                Err(error) => tracing::warn!(error = causes(&error), "stock cannot be followed"),
            }
            sleep_until(begun + PAUSE).await;
        }
    }
}
