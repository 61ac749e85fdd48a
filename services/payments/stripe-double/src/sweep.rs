//! What time does: sessions expire, refunds fail, what is old is forgotten.

use std::time::Duration;

use service::Background;
use storage::Db;

use crate::api::{self, refunds, sessions};
use crate::error::Refusal;
use crate::objects::{Origin, Session};
use crate::store;
use crate::webhooks::Postman;
use crate::work::Work;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);
/// Between two looks for what is old.
const LONG_PAUSE: Duration = Duration::from_hours(1);
/// For how many seconds an idempotency key is kept.
const KEPT: i64 = 24 * 60 * 60;
/// For how many seconds an event is kept.
const EVENTS_KEPT: i64 = 30 * 24 * 60 * 60;
/// How many calls are kept.
const CALLS_KEPT: i64 = 100_000;

/// Both of them, as long as they are kept.
pub fn start(db: &Db, postman: Postman) -> [Background; 2] {
    let old = db.clone();
    let db = db.clone();
    [
        Background::upkeep("sweep", PAUSE, move || sweep(db.clone(), postman.clone())),
        Background::upkeep("sweep of what is old", LONG_PAUSE, move || sweep_old(old.clone())),
    ]
}

async fn sweep_old(db: Db) -> Result<(), storage::Error> {
    store::calls::sweep(&db, api::now() - KEPT).await?;
    store::calls::sweep_requests(&db, CALLS_KEPT).await?;
    store::events::sweep(&db, (api::now() - EVENTS_KEPT) * 1000).await
}

async fn sweep(db: Db, postman: Postman) -> Result<(), Refusal> {
    let swept = async {
        if !store::is_anything_due(&db, api::now()).await? {
            return Ok(());
        }
        let mut work = Work::begin(&db, Origin::Time, postman.behaviour()).await?;
        let (now, now_ms) = (work.now(), work.now_ms);
        for session in store::sessions::lapsed(&mut work.tx, now).await? {
            sessions::close(&mut work, session).await?;
        }
        for refund in store::refunds::failing(&mut work.tx, now_ms).await? {
            refunds::settle(&mut work, refund, false).await?;
        }
        work.commit().await?;
        postman.ring();
        Ok(())
    };
    swept.await
}

/// Expires a session as time would.
pub async fn lapse(work: &mut Work, mut session: Session) -> Result<Session, Refusal> {
    session.expires_at = session.expires_at.min(work.now());
    sessions::close(work, session).await
}
