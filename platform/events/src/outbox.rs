//! Publishing events: they are inserted in the transaction of their cause, numbered once that is committed (on SQLite, which
//! has one writer, at once), and read in the order of their numbers.

pub(crate) mod feed;
mod follow;
mod relay;
pub(crate) mod store;

use std::sync::Arc;

use axum::extract::FromRef;
use background::Background;
use chrono::{DateTime, Utc};
use service::Api;
use storage::{Db, Error, Tx};
use tokio::sync::watch;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::{Event, Settings, Transport, metrics};
use follow::Follower;
use relay::Relay;

/// Publishes an event if and when the transaction commits.
///
/// # Errors
/// The database does not answer, or there is an event with this id already.
pub async fn insert(tx: &mut Tx, event: &Event) -> Result<(), Error> {
    insert_all(tx, std::slice::from_ref(event)).await
}

/// Publishes several events in this order.
///
/// # Errors
/// See [`insert`].
pub async fn insert_all(tx: &mut Tx, events: &[Event]) -> Result<(), Error> {
    store::insert(tx, events).await?;
    follow::notify();
    Ok(())
}

/// `GET /events`: the feed of a part that publishes events. Only other parts may read it, no client outside.
pub fn routes<S>() -> Api<S>
where
    S: Clone + Send + Sync + 'static,
    Outbox: FromRef<S>,
{
    let gone = feed::gone(uuid::Uuid::nil());
    Api::default()
        .routes(routes!(feed::list))
        .problems([(gone, "there is no event with this id, or it is no longer kept")])
        .for_operators()
}

/// Who must have read an event before it may be deleted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Readers {
    /// Consumers that read the feed, within the days that events are kept
    Feeds,
    /// The relay to a broker
    Relay,
}

/// The running outbox of a part that publishes events: numbers committed events, wakes readers, deletes old events. It stops
/// when its last clone is dropped.
#[derive(Clone, Debug)]
pub struct Outbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    /// The number of the newest known event
    head: watch::Receiver<i64>,
    readers: Readers,
    _work: Vec<Background>,
}

/// Notifications about published events, see [`Outbox::changes`].
#[derive(Debug)]
pub struct Changes(watch::Receiver<i64>);

impl Changes {
    /// Waits until an event is published that was not yet notified about.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // The outbox has stopped, and so does the part.
            std::future::pending::<()>().await;
        }
    }
}

impl Outbox {
    /// Starts the outbox in `db`, which has the tables of [`OUTBOX`](crate::OUTBOX).
    #[must_use]
    pub fn start(db: Db, settings: &Settings) -> Self {
        metrics::describe();
        let (sender, head) = watch::channel(0);
        let mut work = Vec::new();
        let readers = match &settings.transport {
            Transport::Feeds => Readers::Feeds,
            Transport::Amqp(broker) => {
                let relay = Relay::new(db.clone(), head.clone(), broker.clone(), settings.clone());
                work.push(Background::start("relay", relay));
                Readers::Relay
            }
        };
        let follower = Follower::new(db.clone(), sender, readers);
        work.push(Background::start("outbox", follower));
        work.push(follow::sweep(db.clone(), settings.clone(), readers));
        Self(Arc::new(Inner {
            db,
            head,
            readers,
            _work: work,
        }))
    }

    /// The next events after the number `after`, in order, at most `limit`: for readers that store a position of their own,
    /// such as webhooks.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(&self, after: i64, limit: u32) -> Result<Vec<(i64, Event)>, Error> {
        store::list(&self.0.db, after, i64::from(limit)).await
    }

    /// The number of an event, if it is still kept.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn position(&self, id: Uuid) -> Result<Option<i64>, Error> {
        store::find(&self.0.db, id).await
    }

    /// Notifies about events that any replica publishes from now on.
    #[must_use]
    pub fn changes(&self) -> Changes {
        let mut head = self.0.head.clone();
        head.mark_unchanged();
        Changes(head)
    }

    /// The number of the newest committed event.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn head(&self) -> Result<i64, Error> {
        follow::advance(&self.0.db).await
    }

    /// Deletes events older than `time` that all readers have read, and returns their number. This also happens every hour.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn sweep(&self, time: DateTime<Utc>) -> Result<u64, Error> {
        store::sweep(&self.0.db, self.0.readers, time).await
    }
}
