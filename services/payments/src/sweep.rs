//! The sweep: what is kept for a time only goes when it is over. Payments and their movements stay: they are the books.
//!
//! Each replica has one.

use std::time::Duration;

use chrono::TimeDelta;
use service::Background;
use storage::{Db, clock};

use crate::store::{payment_methods, payments, webhooks};

/// Between two sweeps.
const PAUSE: Duration = Duration::from_hours(1);
/// For how long a webhook is known to be told again: many times what providers try.
const WEBHOOKS: TimeDelta = TimeDelta::days(30);
/// For how long a payment method is kept that nothing was paid with.
const UNUSED: TimeDelta = TimeDelta::days(1);

/// For how long it is known which client asked for a payment.
const CLIENTS: TimeDelta = TimeDelta::days(1);

/// Starts one, which sweeps at once and then every hour.
pub fn start(db: Db) -> Background {
    Background::upkeep("sweep", PAUSE, move || {
        let db = db.clone();
        async move { sweep(&db).await }
    })
}

async fn sweep(db: &Db) -> Result<(), storage::Error> {
    let now = clock::now();
    webhooks::sweep(db, now - WEBHOOKS).await?;
    payments::forget_clients(db, now - CLIENTS).await?;
    payment_methods::sweep(db, now - UNUSED).await
}
