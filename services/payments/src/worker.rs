//! Background work. The worker settles movements that are still pending after a crash or because the provider did not answer;
//! the dispatcher passes on the webhooks that a provider delivers inside this process.
//!
//! Every replica runs both. A lease ensures that one worker at a time settles a movement.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use service::background::{Failure, Progress, Work, isolate};
use service::{Background, causes};
use tokio::sync::mpsc;

use crate::error::Error;
use crate::payment_service::PaymentService;
use crate::provider::{Provider, WebhookDelivery};
use crate::store::movements::{self, ClaimedMovement};

/// The number of movements claimed at once. All of them are requested within their lease.
const BATCH_SIZE: i64 = 16;

/// Starts the worker.
pub fn start(service: PaymentService) -> Background {
    Background::every("worker", service.timing.interval, move || work(service.clone()))
}

/// Starts the dispatcher of a provider's webhooks.
pub fn start_dispatcher(
    service: PaymentService,
    provider: Arc<dyn Provider>,
    deliveries: mpsc::Receiver<WebhookDelivery>,
) -> Background {
    let dispatcher = Dispatcher {
        service,
        provider,
        deliveries,
    };
    Background::start("dispatcher", dispatcher)
}

async fn work(service: PaymentService) -> Result<(), storage::Error> {
    let due = movements::claim_due(&service.db, &service.batch, service.lease(), BATCH_SIZE).await?;
    let settled = stream::iter(&due).for_each_concurrent(None, async |claimed| {
        // After a panic the lease ends by itself, and the movement is claimed again.
        isolate("movement", settle(&service, claimed)).await.ok();
    });
    settled.await;
    Ok(())
}

async fn settle(service: &PaymentService, claimed: &ClaimedMovement) {
    let ClaimedMovement {
        payment_id: payment,
        number: movement,
        tries,
    } = claimed;
    match service.resume(claimed).await {
        Ok(()) => {}
        Err(error @ Error::Unavailable(_)) => {
            tracing::warn!(%payment, movement, tries, error = causes(&error), "the outcome of a movement is still unknown");
        }
        Err(error) => {
            tracing::error!(%payment, movement, tries, error = causes(&error), "a movement cannot be settled");
        }
    }
}

struct Dispatcher {
    service: PaymentService,
    provider: Arc<dyn Provider>,
    deliveries: mpsc::Receiver<WebhookDelivery>,
}

impl Work for Dispatcher {
    async fn run(&mut self, progress: &Progress) -> Result<(), Failure> {
        while let Some(delivery) = self.deliveries.recv().await {
            let WebhookDelivery {
                headers,
                body,
                processed,
            } = delivery;
            let received = self.service.receive_webhook(&*self.provider, &headers, &body).await;
            if let Err(error) = received {
                tracing::error!(error = causes(&error), "a webhook cannot be applied");
            }
            drop(processed);
            progress.succeeded();
        }
        Ok(())
    }
}
