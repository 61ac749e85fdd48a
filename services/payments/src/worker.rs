//! What is done without being asked for. The worker takes up what is still pending, after a crash or where the provider
//! did not answer; the postman brings the webhooks that a provider delivers inside this process.
//!
//! Each replica has them. Workers may look at the same time: whoever claims a movement has it.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use service::background::{Failure, Progress, Work, guard};
use service::{Background, causes};
use tokio::sync::mpsc;

use crate::desk::Desk;
use crate::error::Error;
use crate::http::webhooks;
use crate::provider::{Delivery, Provider};
use crate::store::movements::{self, Taken};

/// Movements taken up by one look: no more than can be asked for within their lease.
const MANY: i64 = 16;

/// Starts a worker.
pub fn start(desk: Desk) -> Background {
    Background::every("worker", desk.timing.pause, move || work(desk.clone()))
}

/// Starts a postman.
pub fn post(desk: Desk, provider: Arc<dyn Provider>, deliveries: mpsc::Receiver<Delivery>) -> Background {
    let postman = Postman {
        desk,
        provider,
        deliveries,
    };
    Background::start("postman", postman)
}

async fn work(desk: Desk) -> Result<(), storage::Error> {
    let due = movements::claim_due(&desk, desk.moment(), MANY).await?;
    let taken_up = stream::iter(&due).for_each_concurrent(None, async |taken| {
        // Its lease runs out, and it is taken up again.
        guard("movement", take_up(&desk, taken)).await.ok();
    });
    taken_up.await;
    Ok(())
}

async fn take_up(desk: &Desk, taken: &Taken) {
    let Taken {
        payment_id: payment,
        number: movement,
        tries,
    } = taken;
    match desk.take_up(taken).await {
        Ok(()) => {}
        Err(error @ Error::Unavailable(_)) => {
            tracing::warn!(%payment, movement, tries, error = causes(&error), "how a movement ended is still unknown");
        }
        Err(error) => {
            tracing::error!(%payment, movement, tries, error = causes(&error), "a movement cannot be settled");
        }
    }
}

/// Brings what a provider delivers inside this process.
struct Postman {
    desk: Desk,
    provider: Arc<dyn Provider>,
    deliveries: mpsc::Receiver<Delivery>,
}

impl Work for Postman {
    async fn run(&mut self, progress: &Progress) -> Result<(), Failure> {
        while let Some(delivery) = self.deliveries.recv().await {
            let Delivery { headers, body, heard } = delivery;
            if let Err(error) = webhooks::receive(&self.desk, &*self.provider, &headers, &body).await {
                tracing::error!(error = causes(&error), "a webhook cannot be noted");
            }
            drop(heard);
            progress.made();
        }
        Ok(())
    }
}
