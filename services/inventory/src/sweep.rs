//! Background work: expires overdue reservations and deletes old idempotency keys.
//!
//! Each replica runs both. Sweeps may overlap: a reservation is ended once.

use std::time::Duration;

use chrono::TimeDelta;
use service::Background;
use storage::idempotency;

use crate::App;
use crate::store::reservations;

/// How long an idempotency key is kept.
const KEY_RETENTION: TimeDelta = TimeDelta::days(30);
const HOUR: Duration = Duration::from_hours(1);

/// Starts to expire overdue reservations at this interval, so that their units need not wait for the next request.
pub fn start(app: App, interval: Duration) -> Background {
    Background::every("sweep", interval, move || {
        let app = app.clone();
        async move { reservations::sweep(&app.db, &app.batch, app.clock.now()).await }
    })
}

/// Starts to delete old idempotency keys, at once and then every hour.
pub fn start_of_keys(app: App) -> Background {
    Background::now_and_every("sweep of keys", HOUR, move || {
        let app = app.clone();
        async move {
            idempotency::sweep(&app.db, app.clock.now() - KEY_RETENTION)
                .await
                .map(drop)
        }
    })
}
