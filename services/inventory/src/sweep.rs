//! The sweep: frees what has lapsed, so that it does not wait for the next one who wants it.
//!
//! Each replica has one. They may sweep at the same time: a reservation ends once.

use std::time::Duration;

use service::Background;

use crate::App;
use crate::store::reservations;

/// Starts one, which sweeps so often.
pub fn start(app: App, pause: Duration) -> Background {
    Background::every(pause, move || sweep(app.clone()))
}

async fn sweep(app: App) {
    if let Err(error) = reservations::sweep(&app.db, &app.batch, app.clock.now()).await {
        tracing::error!(%error, "cannot free what has lapsed");
    }
}
