//! Taking events from a broker. What the broker may have missed, because the queue or it itself is new, is read from
//! the sources' feeds first; what comes twice is skipped as ever.

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
use super::feed::{self, Reader};
use super::worker::{Failure, Worker};
use crate::amqp::{self, Broker, answered, declare_queue};
use crate::inbox::Inbox;
use crate::metrics::{DEAD, QUEUE, level};

/// Events in hand, at most; they share a transaction if all goes well.
const PREFETCH: u16 = 100;
const MEASURE: Duration = Duration::from_secs(5);
/// After so many leases without a message the feeds are asked whether there was none.
const QUIET: u32 = 3;

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Broker(#[from] amqp::Error),
    #[error("the queue is gone")]
    Gone,
    #[error("the queue has messages and gives none")]
    Silent,
    #[error(transparent)]
    Failure(#[from] Failure),
    #[error(transparent)]
    Feed(#[from] feed::Trouble),
}

impl From<lapin::Error> for Trouble {
    fn from(error: lapin::Error) -> Self {
        Self::Broker(error.into())
    }
}

impl From<Trouble> for background::Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Failure(failure) => failure.into(),
            Trouble::Feed(trouble) => trouble.into(),
            Trouble::Broker(_) | Trouble::Gone | Trouble::Silent => Self::neighbour(trouble),
        }
    }
}

/// One consumer at its queue.
pub(super) struct Queue<H, I> {
    worker: Arc<Worker<H, I>>,
    broker: Broker,
}

impl<I: Inbox, H: Handler<I>> Work for Queue<H, I> {
    async fn run(&mut self, progress: &Progress) -> Result<(), background::Failure> {
        let Err(trouble) = self.session(progress).await;
        // The broker is a short way; the long one is open.
        if let Err(error) = catch_up(&self.worker).await {
            tracing::warn!(
                error = causes(&error),
                consumer = self.worker.consumer,
                "the feeds are not read either"
            );
        }
        Err(trouble.into())
    }
}

impl<I: Inbox, H: Handler<I>> Queue<H, I> {
    pub(super) fn new(worker: Arc<Worker<H, I>>, broker: Broker) -> Self {
        Self { worker, broker }
    }

    /// As long as broker and store are at hand.
    async fn session(&self, progress: &Progress) -> Result<Infallible, Trouble> {
        let worker = &self.worker;
        let (_connection, channel) = self.broker.connect(worker.consumer).await?;
        let queue = format!("stoa.{}", worker.consumer);
        let kinds: Vec<&str> = worker.sources.iter().flat_map(|source| source.kinds).copied().collect();
        answered(declare_queue(&channel, &queue, &kinds)).await?;
        // From here on the queue misses nothing; what is older is in the feeds.
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

/// Reads from the feeds what the queue did not bring.
async fn catch_up<I: Inbox, H: Handler<I>>(worker: &Arc<Worker<H, I>>) -> Result<(), feed::Trouble> {
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
) -> Result<Infallible, Trouble> {
    let mut deliveries = consumer.ready_chunks(usize::from(PREFETCH));
    let mut times = interval(MEASURE);
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut quiet_since = Instant::now();
    loop {
        tokio::select! {
            few = deliveries.next() => {
                let few: Result<Vec<Delivery>, _> = few.ok_or(Trouble::Gone)?.into_iter().collect();
                take(worker, few?).await?;
                progress.made();
                quiet_since = Instant::now();
            }
            _ = times.tick() => {
                let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
                let state = channel.queue_declare(queue.into(), passive, FieldTable::default());
                let state = answered(state).await?;
                gauge!(QUEUE, "consumer" => worker.consumer).set(level(u64::from(state.message_count())));
                if state.message_count() == 0 {
                    progress.made();
                }
                if quiet_since.elapsed() < worker.settings.lease() * QUIET {
                    continue;
                }
                // An empty queue looks like one that has lost its leader, and one that has forgotten this consumer.
                catch_up(worker).await?;
                if state.message_count() > 0 {
                    return Err(Trouble::Silent);
                }
                quiet_since = Instant::now();
            }
        }
    }
}

/// Nothing is acknowledged before its effect is committed.
async fn take<I: Inbox, H: Handler<I>>(worker: &Worker<H, I>, deliveries: Vec<Delivery>) -> Result<(), Trouble> {
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
                    "a message is no event: it is put aside as a dead letter"
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
