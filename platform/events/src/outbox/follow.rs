//! The work behind an outbox: numbering, waking, sweeping.

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

/// How often the outbox is looked at when this process has written nothing: other replicas may have.
const IDLE: Duration = Duration::from_millis(250);
/// How often while a transaction of this process is about to commit.
const HURRY: Duration = Duration::from_millis(10);
/// For how long after an event was written its commit is awaited so.
const COMMIT: Duration = Duration::from_millis(500);
/// How often the lag is measured.
const MEASURE: Duration = Duration::from_secs(5);
const SWEEP: Duration = Duration::from_hours(1);

/// Something was written into an outbox of this process.
static WRITTEN: LazyLock<watch::Sender<()>> = LazyLock::new(watch::Sender::default);

pub(super) fn hint() {
    WRITTEN.send_replace(());
}

/// Keeps the head up to date.
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
        let mut hurry_until = Instant::now();
        let mut measure_at = Instant::now();
        loop {
            self.announce().await.map_err(Failure::own)?;
            if Instant::now() >= measure_at {
                measure_at = Instant::now() + MEASURE;
                self.measure().await.map_err(Failure::own)?;
            }
            progress.made();
            let is_hurrying = Instant::now() < hurry_until;
            tokio::select! {
                _ = written.changed(), if !is_hurrying => hurry_until = Instant::now() + COMMIT,
                () = sleep(if is_hurrying { HURRY } else { IDLE }) => {
                    if written.has_changed().unwrap_or_default() {
                        written.mark_unchanged();
                        hurry_until = Instant::now() + COMMIT;
                    }
                }
            }
        }
    }
}

/// Numbers what is committed, and gives the last number.
pub(super) async fn advance(db: &Db) -> Result<i64, Error> {
    while store::has_unnumbered(db).await? {
        let mut tx = db.begin().await?;
        store::number(&mut tx).await?;
        tx.commit().await?;
    }
    store::head(db).await
}

/// Deletes what is older than the settings want it.
pub(super) fn sweep(db: Db, settings: Settings, readers: Readers) -> Background {
    Background::upkeep("sweep of the outbox", SWEEP, move || {
        let (db, from) = (db.clone(), settings.kept_from(clock::now()));
        async move {
            match store::sweep(&db, readers, from).await? {
                0 => {}
                swept => tracing::info!(swept, "old events swept"),
            }
            Ok::<_, Error>(())
        }
    })
}
