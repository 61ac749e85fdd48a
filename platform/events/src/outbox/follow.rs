//! The work behind an outbox: numbering, waking, sweeping.

use std::sync::LazyLock;
use std::time::Duration;

use metrics::gauge;
use service::causes;
use storage::{Db, Error, clock};
use tokio::sync::watch;
use tokio::time::{Instant, interval, sleep};

use super::{Readers, store};
use crate::Settings;
use crate::metrics::{OUTBOX_LAG, OUTBOX_LAG_SECONDS, level};
use crate::stop::stopped;

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

/// How far numbering is, and whether the process is about to stop.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Head {
    pub(crate) position: i64,
    pub(crate) is_stopping: bool,
}

pub(super) fn hint() {
    WRITTEN.send_replace(());
}

/// Keeps the head up to date.
pub(super) async fn follow(db: Db, head: watch::Sender<Head>, readers: Readers) {
    let mut written = WRITTEN.subscribe();
    let mut hurry_until = Instant::now();
    let mut measure_at = Instant::now();
    let mut stop = std::pin::pin!(stopped());
    loop {
        match advance(&db).await {
            Ok(position) => announce(&head, position),
            Err(error) => tracing::warn!(error = causes(&error), "the outbox cannot be read"),
        }
        if Instant::now() >= measure_at {
            measure_at = Instant::now() + MEASURE;
            measure(&db, readers).await;
        }
        let is_hurrying = Instant::now() < hurry_until;
        let is_stopping = head.borrow().is_stopping;
        tokio::select! {
            () = &mut stop, if !is_stopping => head.send_modify(|head| head.is_stopping = true),
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

/// Numbers what is committed, and gives the last number.
pub(super) async fn advance(db: &Db) -> Result<i64, Error> {
    while store::has_unnumbered(db).await? {
        let mut tx = db.begin().await?;
        store::number(&mut tx).await?;
        tx.commit().await?;
    }
    store::head(db).await
}

fn announce(head: &watch::Sender<Head>, position: i64) {
    head.send_if_modified(|head| std::mem::replace(&mut head.position, position) != position);
}

async fn measure(db: &Db, readers: Readers) {
    let Ok((count, oldest)) = store::lag(db, readers).await else {
        return;
    };
    let age = oldest.and_then(|oldest| (clock::now() - oldest).to_std().ok());
    gauge!(OUTBOX_LAG).set(level(count.unsigned_abs()));
    gauge!(OUTBOX_LAG_SECONDS).set(age.unwrap_or_default().as_secs_f64());
}

/// Deletes what is older than the settings want it.
pub(super) async fn sweep_regularly(db: Db, settings: Settings, readers: Readers) {
    let mut times = interval(SWEEP);
    loop {
        times.tick().await;
        match store::sweep(&db, readers, settings.kept_from(clock::now())).await {
            Ok(0) => {}
            Ok(swept) => tracing::info!(swept, "old events are swept"),
            Err(error) => tracing::warn!(error = causes(&error), "old events cannot be swept"),
        }
    }
}
