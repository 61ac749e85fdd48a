//! Consuming events from a broker. Events that the broker may have missed, because the queue or the broker is new, are read
//! from the sources' feeds first; duplicates are skipped as always.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use background::{Progress, Work};
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, BasicRejectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer};
use metrics::{counter, gauge};
use service::causes;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Handler;
use super::feed::{FeedError, Reader};
use super::worker::{Failure, Worker};
use crate::amqp::{self, Broker, answered, declare_queue};
use crate::inbox::Inbox;
use crate::metrics::{DEAD, QUEUE, level};

/// Unacknowledged messages, at most; they share a transaction if no handler fails.
const PREFETCH: u16 = 100;
const MEASURE: Duration = Duration::from_secs(5);
/// After this many leases without a message, the feeds are read.
const SILENT_LEASES: u32 = 3;

#[derive(Debug, thiserror::Error)]
enum QueueError {
    #[error(transparent)]
    Broker(#[from] amqp::Error),
    #[error("the queue is gone")]
    Gone,
    #[error("the queue has messages but delivers none")]
    Silent,
    #[error(transparent)]
    Failure(#[from] Failure),
    #[error(transparent)]
    Feed(#[from] FeedError),
}

impl From<lapin::Error> for QueueError {
    fn from(error: lapin::Error) -> Self {
        Self::Broker(error.into())
    }
}

impl From<QueueError> for background::Failure {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Failure(failure) => failure.into(),
            QueueError::Feed(error) => error.into(),
            QueueError::Broker(_) | QueueError::Gone | QueueError::Silent => Self::neighbour(error),
        }
    }
}

/// Consumes one consumer's queue.
pub(super) struct Queue<H, I> {
    worker: Arc<Worker<H, I>>,
    broker: Broker,
}

impl<I: Inbox, H: Handler<I>> Work for Queue<H, I> {
    async fn run(&mut self, progress: &Progress) -> Result<(), background::Failure> {
        let Err(error) = self.session(progress).await;
        // Without the broker, events are read from the feeds.
        if let Err(error) = catch_up(&self.worker).await {
            tracing::warn!(
                error = causes(&error),
                consumer = self.worker.consumer,
                "the feeds cannot be read either"
            );
        }
        Err(error.into())
    }
}

impl<I: Inbox, H: Handler<I>> Queue<H, I> {
    pub(super) fn new(worker: Arc<Worker<H, I>>, broker: Broker) -> Self {
        Self { worker, broker }
    }

    /// Runs until the broker or the store fails.
    async fn session(&self, progress: &Progress) -> Result<Infallible, QueueError> {
        let worker = &self.worker;
        let (_connection, channel) = self.broker.connect(worker.consumer).await?;
        let queue = format!("stoa.{}", worker.consumer);
        let kinds: Vec<&str> = worker.sources.iter().flat_map(|source| source.kinds).copied().collect();
        answered(declare_queue(&channel, &queue, &kinds)).await?;
        // From now on the queue receives every event; older ones are in the feeds.
        catch_up(worker).await?;
        answered(channel.basic_qos(PREFETCH, BasicQosOptions::default())).await?;
        let options = BasicConsumeOptions::default();
        let consumer = channel.basic_consume(
            queue.as_str().into(),
            worker.consumer.into(),
            options,
            FieldTable::default(),
        );
        let consumer = answered(consumer).await?;
        take_all(worker, &channel, &queue, consumer, progress).await
    }
}

/// Reads the events from the feeds that did not come through the queue.
async fn catch_up<I: Inbox, H: Handler<I>>(worker: &Arc<Worker<H, I>>) -> Result<(), FeedError> {
    for source in &worker.sources {
        Reader::new(Arc::clone(worker), source.clone()).catch_up().await?;
    }
    Ok(())
}

async fn take_all<I: Inbox, H: Handler<I>>(
    worker: &Arc<Worker<H, I>>,
    channel: &Channel,
    queue: &str,
    consumer: Consumer,
    progress: &Progress,
) -> Result<Infallible, QueueError> {
    let mut deliveries = consumer.ready_chunks(usize::from(PREFETCH));
    let mut ticks = interval(MEASURE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut silent_since = Instant::now();
    loop {
        tokio::select! {
            received = deliveries.next() => {
                let received: Result<Vec<Delivery>, _> = received.ok_or(QueueError::Gone)?.into_iter().collect();
                take(worker, received?).await?;
                progress.succeeded();
                silent_since = Instant::now();
            }
            _ = ticks.tick() => {
                let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
                let state = channel.queue_declare(queue.into(), passive, FieldTable::default());
                let state = answered(state).await?;
                gauge!(QUEUE, "consumer" => worker.consumer).set(level(u64::from(state.message_count())));
                if state.message_count() == 0 {
                    progress.succeeded();
                }
                if silent_since.elapsed() < worker.settings.lease() * SILENT_LEASES {
                    continue;
                }
                // A queue without a leader, or one that has lost this consumer, looks like an empty one.
                catch_up(worker).await?;
                if state.message_count() > 0 {
                    return Err(QueueError::Silent);
                }
                silent_since = Instant::now();
            }
        }
    }
}

/// Handles messages and acknowledges them after the commit.
async fn take<I: Inbox, H: Handler<I>>(worker: &Worker<H, I>, deliveries: Vec<Delivery>) -> Result<(), QueueError> {
    let mut events = Vec::with_capacity(deliveries.len());
    let mut last = None;
    for delivery in deliveries {
        match serde_json::from_slice(&delivery.data) {
            Ok(event) => {
                events.push(event);
                last = Some(delivery);
            }
            Err(error) => {
                tracing::error!(
                    error = causes(&error),
                    consumer = worker.consumer,
                    "a message is not an event: it becomes a dead letter"
                );
                counter!(DEAD, "consumer" => worker.consumer).increment(1);
                answered(delivery.reject(BasicRejectOptions { requeue: false })).await?;
            }
        }
    }
    if let Some(last) = last {
        worker.take(&events, None).await?;
        answered(last.ack(BasicAckOptions { multiple: true })).await?;
    }
    Ok(())
}
