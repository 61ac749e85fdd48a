//! Consuming events: each takes effect once.

mod feed;
mod maintenance;
mod parked;
mod queue;
mod worker;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use axum::extract::FromRef;
use background::Background;
use service::{Api, BaseUrl, BoxError};
use storage::Db;
use utoipa_axum::routes;

use crate::inbox::Cursor;
use crate::{Event, Inbox, Settings, Transport, metrics};
use feed::Reader;
use queue::Queue;
use worker::Worker;

/// A part's reaction to events of other parts.
pub trait Handler<I: Inbox = Db>: Send + Sync + 'static {
    /// Gives an event its effect, in `tx` and nowhere else: the handler may be called several times for an event, and only
    /// one of its transactions is committed. Other events may share the transaction.
    ///
    /// # Errors
    /// The event is handled again after a pause, and parked after the last attempt.
    fn handle(&self, tx: &mut I::Tx, event: &Event) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// A part whose events are consumed.
#[derive(Clone, Debug)]
struct Source {
    part: &'static str,
    url: BaseUrl,
    kinds: &'static [&'static str],
}

impl Source {
    fn cursor(&self, consumer: &'static str) -> Cursor {
        let source = self.part;
        Cursor { consumer, source }
    }
}

/// The events that a part consumes, and their handler.
#[derive(Debug)]
#[must_use = "nothing is consumed before it is started"]
pub struct Subscription<H, I = Db> {
    consumer: &'static str,
    inbox: I,
    handler: H,
    sources: Vec<Source>,
}

impl<I: Inbox, H: Handler<I>> Subscription<H, I> {
    /// Creates a subscription. `consumer` is the part's name; `inbox` is the database with the tables of
    /// [`INBOX`](crate::INBOX), or another store, in which the handler has its effects.
    pub fn new(consumer: &'static str, inbox: I, handler: H) -> Self {
        Self {
            consumer,
            inbox,
            handler,
            sources: Vec::new(),
        }
    }

    /// Adds a source: the part `part`, whose feed is at `url`. `kinds` are the types of events to handle.
    pub fn to(mut self, part: &'static str, url: BaseUrl, kinds: &'static [&'static str]) -> Self {
        self.sources.push(Source { part, url, kinds });
        self
    }

    /// Starts to consume.
    #[must_use]
    pub fn start(self, settings: &Settings) -> Consumer {
        metrics::describe();
        let worker = Arc::new(Worker::new(self, settings.clone()));
        let mut work = match &settings.transport {
            Transport::Feeds => {
                let sources = worker.sources.clone().into_iter();
                let read = |source: Source| {
                    let name = format!("feed of {}", source.part);
                    Background::start(name, Reader::new(Arc::clone(&worker), source))
                };
                sources.map(read).collect()
            }
            Transport::Amqp(broker) => {
                let queue = Queue::new(Arc::clone(&worker), broker.clone());
                vec![Background::start("queue", queue)]
            }
        };
        work.extend(maintenance::start(&worker));
        Consumer(Arc::new(Inner {
            parked: worker,
            _work: work,
        }))
    }
}

/// The running consumer of a part. It stops when its last clone is dropped.
#[derive(Clone)]
pub struct Consumer(Arc<Inner>);

struct Inner {
    parked: Arc<dyn parked::ParkedEvents>,
    _work: Vec<Background>,
}

impl fmt::Debug for Consumer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Consumer").finish_non_exhaustive()
    }
}

/// `/events/parked`: the routes for operators of a part that consumes events.
pub fn routes<S>() -> Api<S>
where
    S: Clone + Send + Sync + 'static,
    Consumer: FromRef<S>,
{
    Api::default()
        .routes(routes!(parked::list))
        .routes(routes!(parked::replay))
        .routes(routes!(parked::remove))
        .problems(parked::Error::problems())
        .for_operators()
}
