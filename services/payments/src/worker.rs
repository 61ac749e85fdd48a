//! The worker: takes up what is still pending, after a crash or where the provider did not answer.
//!
//! Each replica has one. They may look at the same time: whoever claims a movement has it.

use futures_util::StreamExt;
use futures_util::stream;
use storage::clock;
use tokio::task::AbortHandle;

use crate::desk::Desk;
use crate::error::Error;
use crate::store::movements::{self, Taken};

/// Movements taken up by one look: no more than can be asked for within their lease.
const MANY: i64 = 16;

/// A running worker; stops when dropped.
#[derive(Debug)]
pub struct Worker(AbortHandle);

impl Worker {
    /// Starts one.
    pub fn start(desk: Desk) -> Self {
        Self(tokio::spawn(work(desk)).abort_handle())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn work(desk: Desk) {
    loop {
        tokio::time::sleep(desk.timing.pause).await;
        match movements::claim_due(&desk.db, clock::now(), desk.mine(), MANY).await {
            Ok(due) => {
                let all = stream::iter(&due);
                all.for_each_concurrent(None, |taken| take_up(&desk, taken)).await;
            }
            Err(error) => tracing::error!(%error, "cannot look for what is pending"),
        }
    }
}

async fn take_up(desk: &Desk, taken: &Taken) {
    let Taken {
        payment_id: payment,
        number,
        tries,
    } = taken;
    match desk.take_up(taken).await {
        Ok(()) => {}
        Err(Error::Unavailable(error)) => tracing::warn!(%payment, number, tries, %error, "still unknown"),
        Err(error) => tracing::error!(%payment, number, tries, %error, "cannot be settled"),
    }
}
