//! What providers told of their own accord, once each.

use chrono::{DateTime, Utc};
use storage::{Batch, Db, Error as StorageError, execute, fetch_optional};
use uuid::Uuid;

use crate::desk::Moment;
use crate::domain::Account;
use crate::error::Error;
use crate::provider::WebhookEvent;
use crate::store::payments;

/// What came of a webhook.
#[derive(Debug)]
pub enum Effect {
    /// It is written down, with all that it changes: the payment is this from now on.
    Noted(Box<Account>),
    /// It was told before.
    Known,
    /// There is no such payment here.
    NotOurs,
}

/// Writes an event down together with its effect, or neither; once for each id.
pub async fn insert(batch: &Batch, provider: &str, event: &WebhookEvent, moment: Moment) -> Result<Effect, Error> {
    let mut tx = batch.begin().await?;
    let sql = "select id from payments where id = $1 and provider in ($2, '')";
    let row: Option<(Uuid,)> = fetch_optional!(&mut tx, sql, event.payment, provider)?;
    if row.is_none() {
        tx.commit().await?;
        return Ok(Effect::NotOurs);
    }
    let sql = "insert into webhooks (provider, id, payment_id, received_at) values ($1, $2, $3, $4)
        on conflict (provider, id) do nothing";
    let inserted: Result<u64, StorageError> =
        execute!(&mut tx, sql, provider, event.id.as_str(), event.payment, moment.now);
    if inserted? == 0 {
        tx.commit().await?;
        return Ok(Effect::Known);
    }
    let note = |account: &mut Account| {
        for update in &event.updates {
            account.note(update, moment.now);
        }
        Ok(())
    };
    let (account, ()) = payments::update_in(&mut tx, event.payment, moment, note).await?;
    tx.commit().await?;
    Ok(Effect::Noted(Box::new(account)))
}

/// Forgets those of before.
pub async fn sweep(db: &Db, before: DateTime<Utc>) -> Result<(), StorageError> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "delete from webhooks where received_at < $1", before)?;
    tx.commit().await
}
