//! Background work: expires sessions, fails refunds, and deletes old data.

use std::time::Duration;

use service::Background;
use storage::Db;
use values::Clock;

use crate::api::{refunds, sessions};
use crate::error::ApiError;
use crate::objects::{Origin, Session};
use crate::store;
use crate::unit_of_work::UnitOfWork;
use crate::webhooks::Dispatcher;

const INTERVAL: Duration = Duration::from_millis(200);
const CLEANUP_INTERVAL: Duration = Duration::from_hours(1);
/// Seconds.
const KEY_RETENTION: i64 = 24 * 60 * 60;
/// Seconds.
const EVENT_RETENTION: i64 = 30 * 24 * 60 * 60;
const MAX_REQUESTS: i64 = 100_000;

/// Starts both tasks.
pub fn start(db: &Db, dispatcher: Dispatcher) -> [Background; 2] {
    let (cleaned, clock) = (db.clone(), dispatcher.clock.clone());
    let db = db.clone();
    [
        Background::now_and_every("sweep", INTERVAL, move || sweep(db.clone(), dispatcher.clone())),
        Background::now_and_every("cleanup", CLEANUP_INTERVAL, move || {
            clean_up(cleaned.clone(), clock.clone())
        }),
    ]
}

async fn clean_up(db: Db, clock: Clock) -> Result<(), storage::Error> {
    let now = clock.now().timestamp();
    store::calls::sweep(&db, now - KEY_RETENTION).await?;
    store::calls::sweep_requests(&db, MAX_REQUESTS).await?;
    store::events::sweep(&db, (now - EVENT_RETENTION) * 1000).await
}

async fn sweep(db: Db, dispatcher: Dispatcher) -> Result<(), ApiError> {
    let swept = async {
        let clock = &dispatcher.clock;
        if !store::is_anything_due(&db, clock.now().timestamp()).await? {
            return Ok(());
        }
        let mut work = UnitOfWork::begin(&db, Origin::Time, dispatcher.behaviour(), clock).await?;
        let (now, now_ms) = (work.now(), work.now_ms);
        for session in store::sessions::due(&mut work.tx, now).await? {
            sessions::close(&mut work, session).await?;
        }
        for refund in store::refunds::failing(&mut work.tx, now_ms).await? {
            refunds::settle(&mut work, refund, false).await?;
        }
        work.commit().await?;
        dispatcher.wake();
        Ok(())
    };
    swept.await
}

/// Expires a session as if its time had passed.
pub async fn expire_now(work: &mut UnitOfWork, mut session: Session) -> Result<Session, ApiError> {
    session.expires_at = session.expires_at.min(work.now());
    sessions::close(work, session).await
}
