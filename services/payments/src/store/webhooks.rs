//! What providers told of their own accord, once each.

use chrono::{DateTime, Utc};
use storage::{Batch, Db, Error as StorageError, execute, fetch_optional};
use uuid::Uuid;

use crate::desk::Moment;
use crate::error::Error;
use crate::provider::Notice;
use crate::store::payments;

/// What came of a webhook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// It is written down, with all that it changes.
    Noted,
    /// It was told before.
    Known,
    /// There is no such payment here.
    NotOurs,
}

/// Writes a notice down together with its effect, or neither; once for each id.
pub async fn insert(batch: &Batch, provider: &str, notice: &Notice, moment: Moment) -> Result<Effect, Error> {
    let mut tx = batch.begin().await?;
    let sql = "select id from payments where authorisation = $1";
    let row: Option<(Uuid,)> = fetch_optional!(&mut tx, sql, notice.payment.0.as_str())?;
    let Some((payment,)) = row else {
        tx.commit().await?;
        return Ok(Effect::NotOurs);
    };
    let sql = "insert into webhooks (provider, id, payment_id, received_at) values ($1, $2, $3, $4)
        on conflict (provider, id) do nothing";
    let inserted: Result<u64, StorageError> = execute!(&mut tx, sql, provider, notice.id.as_str(), payment, moment.now);
    if inserted? == 0 {
        tx.commit().await?;
        return Ok(Effect::Known);
    }
    let note = |account: &mut crate::domain::Account| {
        account.note(&notice.news, moment.now);
        Ok(())
    };
    payments::update_in(&mut tx, payment, moment, note).await?;
    tx.commit().await?;
    Ok(Effect::Noted)
}

/// Forgets those of before.
pub async fn sweep(db: &Db, before: DateTime<Utc>) -> Result<(), StorageError> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "delete from webhooks where received_at < $1", before)?;
    tx.commit().await
}
