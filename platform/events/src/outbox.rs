//! Publishing: events are written in the transaction that causes them, numbered once it is committed (on SQLite, which has
//! one writer, with it), and read in the order of their numbers.

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

/// Publishes an event, if and when the transaction commits.
///
/// # Errors
/// The database does not answer, or has an event with this id.
pub async fn insert(tx: &mut Tx, event: &Event) -> Result<(), Error> {
    insert_all(tx, std::slice::from_ref(event)).await
}

/// Publishes several events, in this order.
///
/// # Errors
/// As [`insert`].
pub async fn insert_all(tx: &mut Tx, events: &[Event]) -> Result<(), Error> {
    store::insert(tx, events).await?;
    follow::hint();
    Ok(())
}

/// `GET /events`: the feed of a part that publishes, for other parts, and for no client outside.
pub fn routes<S>() -> Api<S>
where
    S: Clone + Send + Sync + 'static,
    Outbox: FromRef<S>,
{
    let gone = feed::gone(uuid::Uuid::nil());
    Api::default()
        .routes(routes!(feed::list))
        .problems([(gone, "there is no event with this id, or not any longer")])
        .for_operators()
}

/// Who has to have taken an event before it may be swept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Readers {
    /// Whoever reads the feed, in the days that events are kept
    Feeds,
    /// The relay to a broker
    Relay,
}

/// The outbox of a part that publishes: numbers what is committed, wakes those who read, sweeps what is old. Its
/// work ends with its last clone.
#[derive(Clone, Debug)]
pub struct Outbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    /// The number of the newest event that is known of
    head: watch::Receiver<i64>,
    readers: Readers,
    _work: Vec<Background>,
}

/// News from an outbox.
#[derive(Debug)]
pub struct News(watch::Receiver<i64>);

impl News {
    /// Until something is published, after what was heard of before.
    pub async fn heard(&mut self) {
        if self.0.changed().await.is_err() {
            // The outbox has ended, and with it the part.
            std::future::pending::<()>().await;
        }
    }
}

impl Outbox {
    /// Starts the work on the outbox in `db`, which has the tables of [`OUTBOX`](crate::OUTBOX).
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

    /// The next events after a number, in order, `limit` at most: for who keeps a place of its own in the outbox, such
    /// as a webhook.
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

    /// News of whatever is published from now on, by any replica.
    #[must_use]
    pub fn news(&self) -> News {
        let mut head = self.0.head.clone();
        head.mark_unchanged();
        News(head)
    }

    /// The number of the newest event that is committed now.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn head(&self) -> Result<i64, Error> {
        follow::advance(&self.0.db).await
    }

    /// Deletes events from before `time` that are taken, and says how many that were. It does so by itself every hour.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn sweep(&self, time: DateTime<Utc>) -> Result<u64, Error> {
        store::sweep(&self.0.db, self.0.readers, time).await
    }
}
