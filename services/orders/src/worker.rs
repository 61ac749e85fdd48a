//! The worker: continues orders that were left in progress by a crash, or because a service did not answer.
//!
//! Each replica has one. Several may find the same order, and the one that claims it has it. An order that makes a worker
//! panic holds up no other order.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use service::background::{is_stopping, isolate};
use service::{Background, Context, causes};
use uuid::Uuid;

use crate::error::Error;
use crate::saga::OrderSaga;
use crate::store::orders as store;

/// Orders per round.
const BATCH_SIZE: u32 = 64;
/// Orders that are continued at the same time.
const CONCURRENCY: usize = 8;
/// The shortest pause between two rounds.
const MIN_PAUSE: Duration = Duration::from_millis(10);

pub fn start(saga: OrderSaga, pause: Duration) -> Background {
    Background::every("worker", pause.max(MIN_PAUSE), move || run_due_orders(saga.clone()))
}

async fn run_due_orders(saga: OrderSaga) -> Result<(), storage::Error> {
    let due = store::find_due(&saga.db, saga.clock.now(), BATCH_SIZE).await?;
    let taken_up = stream::iter(due).for_each_concurrent(CONCURRENCY, async |id| {
        // After a panic the lease runs out, and the order is taken up again.
        isolate("order", take_up(&saga, id)).await.ok();
    });
    taken_up.await;
    Ok(())
}

async fn take_up(saga: &OrderSaga, id: Uuid) {
    if is_stopping() {
        return;
    }
    match Context::current().scope(Box::pin(saga.take_up(id))).await {
        // In progress: another process has the order now.
        Ok(()) | Err(Error::InProgress) => {}
        Err(error) => tracing::error!(order = %id, error = causes(&error), "an order cannot be taken up"),
    }
}
