//! The work behind an outbox: numbering events, waking readers, deleting old events.

use std::sync::LazyLock;
use std::time::Duration;

use background::{Background, Failure, Progress, Work};
use metrics::gauge;
use storage::{Db, Error, clock};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::{Readers, store};
use crate::Settings;
use crate::metrics::{OUTBOX_LAG, OUTBOX_LAG_SECONDS, level};

/// How often the outbox is read if this process has written nothing: other replicas may have.
const IDLE_INTERVAL: Duration = Duration::from_millis(250);
/// How often it is read while a transaction of this process is about to commit.
const BUSY_INTERVAL: Duration = Duration::from_millis(10);
/// How long after an event was written its commit is expected.
const COMMIT: Duration = Duration::from_millis(500);
/// How often the lag is measured.
const MEASURE: Duration = Duration::from_secs(5);
const SWEEP: Duration = Duration::from_hours(1);

/// Notifies that an event was written in this process.
static WRITTEN: LazyLock<watch::Sender<()>> = LazyLock::new(watch::Sender::default);

pub(super) fn notify() {
    WRITTEN.send_replace(());
}

/// Keeps the number of the newest event up to date.
pub(super) struct Follower {
    db: Db,
    head: watch::Sender<i64>,
    readers: Readers,
}

impl Follower {
    pub(super) fn new(db: Db, head: watch::Sender<i64>, readers: Readers) -> Self {
        Self { db, head, readers }
    }

    async fn announce(&self) -> Result<(), Error> {
        let position = advance(&self.db).await?;
        self.head
            .send_if_modified(|head| std::mem::replace(head, position) != position);
        Ok(())
    }

    async fn measure(&self) -> Result<(), Error> {
        let (count, oldest) = store::lag(&self.db, self.readers).await?;
        let age = oldest.and_then(|oldest| (clock::now() - oldest).to_std().ok());
        gauge!(OUTBOX_LAG).set(level(count.unsigned_abs()));
        gauge!(OUTBOX_LAG_SECONDS).set(age.unwrap_or_default().as_secs_f64());
        Ok(())
    }
}

impl Work for Follower {
    async fn run(&mut self, progress: &Progress) -> Result<(), Failure> {
        let mut written = WRITTEN.subscribe();
        let mut busy_until = Instant::now();
        let mut measure_at = Instant::now();
        loop {
            self.announce().await.map_err(Failure::own)?;
            if Instant::now() >= measure_at {
                measure_at = Instant::now() + MEASURE;
                self.measure().await.map_err(Failure::own)?;
            }
            progress.succeeded();
            let is_busy = Instant::now() < busy_until;
            tokio::select! {
                _ = written.changed(), if !is_busy => busy_until = Instant::now() + COMMIT,
                () = sleep(if is_busy { BUSY_INTERVAL } else { IDLE_INTERVAL }) => {
                    if written.has_changed().unwrap_or_default() {
                        written.mark_unchanged();
                        busy_until = Instant::now() + COMMIT;
                    }
                }
            }
        }
    }
}

/// Numbers all committed events, and returns the last number.
pub(super) async fn advance(db: &Db) -> Result<i64, Error> {
    while store::has_unnumbered(db).await? {
        let mut tx = db.begin().await?;
        store::number(&mut tx).await?;
        tx.commit().await?;
    }
    store::head(db).await
}

/// Deletes events that are older than the settings allow.
pub(super) fn sweep(db: Db, settings: Settings, readers: Readers) -> Background {
    Background::now_and_every("sweep of the outbox", SWEEP, move || {
        let (db, from) = (db.clone(), settings.kept_from(clock::now()));
        async move {
            match store::sweep(&db, readers, from).await? {
                0 => {}
                swept => tracing::info!(swept, "old events were deleted"),
            }
            Ok::<_, Error>(())
        }
    })
}
