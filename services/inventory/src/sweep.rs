//! The sweep: frees what has lapsed, so that it does not wait for the next one who wants it.
//!
//! Each replica has one. They may sweep at the same time: a reservation ends once.

use std::time::Duration;

use chrono::TimeDelta;
use service::Background;
use storage::{clock, idempotency};

use crate::App;
use crate::store::reservations;

/// Starts one, which sweeps so often.
pub fn start(app: App, pause: Duration) -> Background {
    Background::every("sweep", pause, move || {
        let app = app.clone();
        async move { reservations::sweep(&app.db, &app.batch, app.clock.now()).await }
    })
}

/// Starts another one, which forgets old keys at once and then every hour.
pub fn start_of_keys(app: App) -> Background {
    Background::upkeep("sweep of keys", HOUR, move || {
        let app = app.clone();
        async move { idempotency::sweep(&app.db, clock::now() - KEYS).await.map(drop) }
    })
}

/// For how long the same request has the same answer.
const KEYS: TimeDelta = TimeDelta::days(30);
const HOUR: Duration = Duration::from_hours(1);
