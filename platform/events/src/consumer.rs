//! Consuming: each event's effect, once.

mod door;
mod feed;
mod queue;
mod upkeep;
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

/// What a part does when something has happened elsewhere.
pub trait Handler<I: Inbox = Db>: Send + Sync + 'static {
    /// Gives an event its effect, in `tx` and nowhere else: it may be tried several times, and what is in `tx` is there
    /// once. Other events may share the transaction.
    ///
    /// # Errors
    /// The event is tried again after a pause; after the last try it is parked.
    fn handle(&self, tx: &mut I::Tx, event: &Event) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// Another part's events.
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

/// Which events a part wants, and what it does with them.
#[derive(Debug)]
#[must_use = "nothing is consumed before it is started"]
pub struct Subscription<H, I = Db> {
    consumer: &'static str,
    inbox: I,
    handler: H,
    sources: Vec<Source>,
}

impl<I: Inbox, H: Handler<I>> Subscription<H, I> {
    /// `consumer`, a part's name, gives events to `handler`, which has its effects in `inbox`: a database with the tables
    /// of [`INBOX`](crate::INBOX), or another store.
    pub fn new(consumer: &'static str, inbox: I, handler: H) -> Self {
        Self {
            consumer,
            inbox,
            handler,
            sources: Vec::new(),
        }
    }

    /// Wants events of these types from `part`, whose feed is at `url`.
    pub fn to(mut self, part: &'static str, url: BaseUrl, kinds: &'static [&'static str]) -> Self {
        self.sources.push(Source { part, url, kinds });
        self
    }

    /// Begins to consume.
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
        work.extend(upkeep::start(&worker));
        Consumer(Arc::new(Inner {
            door: worker,
            _work: work,
        }))
    }
}

/// A part's consuming side at work. It ends with its last clone.
#[derive(Clone)]
pub struct Consumer(Arc<Inner>);

struct Inner {
    door: Arc<dyn door::Door>,
    _work: Vec<Background>,
}

impl fmt::Debug for Consumer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Consumer").finish_non_exhaustive()
    }
}

/// `/events/parked`: the operator's door of a part that consumes.
pub fn routes<S>() -> Api<S>
where
    S: Clone + Send + Sync + 'static,
    Consumer: FromRef<S>,
{
    Api::default()
        .routes(routes!(door::list))
        .routes(routes!(door::replay))
        .routes(routes!(door::remove))
        .problems(door::Error::problems())
        .for_operators()
}
