//! A consumer's maintenance: measuring and deleting old records.

use std::sync::Arc;
use std::time::Duration;

use background::Background;
use metrics::gauge;
use service::BoxError;
use storage::clock;

use super::Handler;
use super::worker::Worker;
use crate::inbox::Inbox;
use crate::metrics::{PARKED_NOW, level};

const MEASURE: Duration = Duration::from_secs(10);
const SWEEP: Duration = Duration::from_hours(1);

pub(super) fn start<I: Inbox, H: Handler<I>>(worker: &Arc<Worker<H, I>>) -> [Background; 2] {
    let (measured, swept) = (Arc::clone(worker), Arc::clone(worker));
    [
        Background::now_and_every("parked events", MEASURE, move || measure(Arc::clone(&measured))),
        Background::now_and_every("sweep of the inbox", SWEEP, move || sweep(Arc::clone(&swept))),
    ]
}

async fn measure<I: Inbox, H: Handler<I>>(worker: Arc<Worker<H, I>>) -> Result<(), BoxError> {
    let count = worker.inbox.count_parked(worker.consumer).await?;
    gauge!(PARKED_NOW, "consumer" => worker.consumer).set(level(count));
    Ok(())
}

async fn sweep<I: Inbox, H: Handler<I>>(worker: Arc<Worker<H, I>>) -> Result<(), BoxError> {
    let from = worker.settings.remembered_from(clock::now());
    match worker.inbox.sweep(from).await? {
        0 => {}
        swept => tracing::info!(swept, consumer = worker.consumer, "records of old events were deleted"),
    }
    Ok(())
}
