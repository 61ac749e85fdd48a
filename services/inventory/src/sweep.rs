//! The sweep: frees what has lapsed, so that it does not wait for the next one who wants it.
//!
//! Each replica has one. They may sweep at the same time: a reservation ends once.

use std::time::Duration;

use tokio::task::AbortHandle;

use crate::App;
use crate::store::reservations;

/// A running sweep; stops when dropped.
#[derive(Debug)]
pub struct Sweep(AbortHandle);

impl Sweep {
    /// Starts one.
    pub fn start(app: App, pause: Duration) -> Self {
        Self(tokio::spawn(sweep(app, pause)).abort_handle())
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn sweep(app: App, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        if let Err(error) = reservations::sweep(&app.db, &app.batch, app.clock.now()).await {
            tracing::error!(%error, "cannot free what has lapsed");
        }
    }
}
