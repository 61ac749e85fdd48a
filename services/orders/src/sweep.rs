//! The sweep: what is kept for a time only goes when it is over.
//!
//! Each replica has one. Orders stay, since the shop has to account for them.

use std::time::Duration;

use chrono::TimeDelta;
use service::Background;
use storage::{Db, clock, idempotency};

use crate::store::tries;

/// Between two sweeps.
const PAUSE: Duration = Duration::from_hours(1);
/// For how long the same request has the same answer.
const KEYS: TimeDelta = TimeDelta::days(30);
/// For how long it is known whose orders came to nothing at a bank.
const TRIES: TimeDelta = TimeDelta::days(1);

/// Starts one, which sweeps at once and then every hour.
pub fn start(db: Db) -> Background {
    Background::upkeep("sweep", PAUSE, move || {
        let db = db.clone();
        async move { sweep(&db).await }
    })
}

async fn sweep(db: &Db) -> Result<(), storage::Error> {
    let now = clock::now();
    idempotency::sweep(db, now - KEYS).await?;
    tries::sweep(db, now - TRIES).await
}
