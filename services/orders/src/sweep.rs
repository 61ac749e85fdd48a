//! The sweep: deletes rows whose retention time is over.
//!
//! Each replica has one. Orders are kept for good, because the shop has to account for them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use service::Background;
use storage::{Db, idempotency};
use values::Clock;

use crate::store::failed_payments;

/// The pause between two sweeps.
const PAUSE: Duration = Duration::from_hours(1);
/// How long idempotency keys are kept.
const KEY_RETENTION: TimeDelta = TimeDelta::days(30);
/// How long failed payments are kept.
const FAILED_PAYMENT_RETENTION: TimeDelta = TimeDelta::days(1);

/// Sweeps at once, and then every hour.
pub fn start(db: Db, clock: Clock) -> Background {
    Background::now_and_every("sweep", PAUSE, move || {
        let (db, now) = (db.clone(), clock.now());
        async move { sweep(&db, now).await }
    })
}

async fn sweep(db: &Db, now: DateTime<Utc>) -> Result<(), storage::Error> {
    idempotency::sweep(db, now - KEY_RETENTION).await?;
    failed_payments::sweep(db, now - FAILED_PAYMENT_RETENTION).await
}
