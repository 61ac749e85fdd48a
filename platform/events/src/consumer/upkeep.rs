//! What a consumer does besides consuming.

use std::sync::Arc;
use std::time::Duration;

use metrics::gauge;
use service::causes;
use storage::clock;
use tokio::time::interval;

use super::Handler;
use super::worker::Worker;
use crate::inbox::Inbox;
use crate::metrics::{PARKED_NOW, level};

const MEASURE: Duration = Duration::from_secs(10);
/// Measurings between two sweeps.
const SWEEP: u32 = 360;

pub(super) async fn keep_up<I: Inbox, H: Handler<I>>(worker: Arc<Worker<H, I>>) {
    let consumer = worker.consumer;
    let mut times = interval(MEASURE);
    for round in 0_u32.. {
        times.tick().await;
        if let Ok(count) = worker.inbox.count_parked(consumer).await {
            gauge!(PARKED_NOW, "consumer" => consumer).set(level(count));
        }
        if round % SWEEP != 0 {
            continue;
        }
        match worker.inbox.sweep(worker.settings.remembered_from(clock::now())).await {
            Ok(0) => {}
            Ok(swept) => tracing::info!(swept, consumer, "records of old events are swept"),
            Err(error) => tracing::warn!(
                error = causes(&*error),
                consumer,
                "records of old events cannot be swept"
            ),
        }
    }
}
