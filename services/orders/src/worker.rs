//! The worker: takes up what was left half-way, by a crash or by a neighbour that did not answer.
//!
//! Each replica has one. They may look at the same time: whoever claims an order has it. An order that makes it panic holds up
//! no other.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use service::background::{guard, is_stopping};
use service::{Background, Context, causes};
use storage::clock;
use uuid::Uuid;

use crate::App;
use crate::error::Error;
use crate::saga;
use crate::store::orders as store;

/// Orders taken up by one look.
const MANY: u32 = 64;
/// Orders driven at the same time.
const AT_ONCE: usize = 8;
/// Looks are at least so far apart.
const BREATH: Duration = Duration::from_millis(10);

/// Starts one.
pub fn start(app: App) -> Background {
    Background::every("worker", app.pause.max(BREATH), move || work(app.clone()))
}

async fn work(app: App) -> Result<(), storage::Error> {
    let due = store::find_due(&app.db, clock::now(), MANY).await?;
    let taken_up = stream::iter(due).for_each_concurrent(AT_ONCE, async |id| {
        // Its lease runs out, and it is taken up again.
        guard("order", take_up(&app, id)).await.ok();
    });
    taken_up.await;
    Ok(())
}

async fn take_up(app: &App, id: Uuid) {
    if is_stopping() {
        return;
    }
    let taken_up = async {
        match store::claim(app, id, clock::now(), app.lease()).await? {
            Some(saga) => saga::run(app, saga).await.map(drop),
            None => Ok(()),
        }
    };
    match Context::current().scope(Box::pin(taken_up)).await {
        // Somebody else has it now.
        Ok(()) | Err(Error::Busy) => {}
        Err(error) => tracing::error!(order = %id, error = causes(&error), "an order cannot be taken up"),
    }
}
