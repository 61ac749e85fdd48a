//! The sweep deletes data whose retention has ended. Payments and their movements are accounting records and are kept.
//!
//! Every replica runs it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use service::Background;
use storage::Db;
use values::Clock;

use crate::store::{payment_methods, payments, webhooks};

/// The pause between two sweeps.
const INTERVAL: Duration = Duration::from_hours(1);
/// The retention of webhook ids. Providers stop repeating a webhook long before.
const WEBHOOK_RETENTION: TimeDelta = TimeDelta::days(30);
/// The retention of payment methods that no payment uses.
const UNUSED_METHOD_RETENTION: TimeDelta = TimeDelta::days(1);
/// The retention of the client's network address.
const CLIENT_RETENTION: TimeDelta = TimeDelta::days(1);

/// Starts the sweep, which runs at once and then every hour.
pub fn start(db: Db, clock: Clock) -> Background {
    Background::now_and_every("sweep", INTERVAL, move || {
        let (db, now) = (db.clone(), clock.now());
        async move { sweep(&db, now).await }
    })
}

async fn sweep(db: &Db, now: DateTime<Utc>) -> Result<(), storage::Error> {
    webhooks::sweep(db, now - WEBHOOK_RETENTION).await?;
    payments::clear_clients(db, now - CLIENT_RETENTION).await?;
    payment_methods::sweep(db, now - UNUSED_METHOD_RETENTION).await
}
