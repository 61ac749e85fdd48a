//! Webhooks, each stored once.

use chrono::{DateTime, Utc};
use storage::{Batch, Db, Error as StorageError, execute, fetch_optional};
use uuid::Uuid;

use crate::domain::{Lease, Payment, WebhookEvent};
use crate::error::Error;
use crate::store::payments;

/// The result of storing a webhook.
#[derive(Debug)]
pub enum Inserted {
    /// The webhook is stored and applied; this is the updated payment.
    Applied(Box<Payment>),
    /// The webhook was stored before.
    Duplicate,
    /// There is no payment with this id and provider.
    UnknownPayment,
}

/// Stores a webhook and applies it to its payment, in one transaction.
pub async fn insert(batch: &Batch, provider: &str, event: &WebhookEvent, lease: Lease) -> Result<Inserted, Error> {
    let mut tx = batch.begin().await?;
    let sql = "select id from payments where id = $1 and provider in ($2, '')";
    let row: Option<(Uuid,)> = fetch_optional!(&mut tx, sql, event.payment_id, provider)?;
    if row.is_none() {
        tx.commit().await?;
        return Ok(Inserted::UnknownPayment);
    }
    let sql = "insert into webhooks (provider, id, payment_id, received_at) values ($1, $2, $3, $4)
        on conflict (provider, id) do nothing";
    let inserted: Result<u64, StorageError> =
        execute!(&mut tx, sql, provider, event.id.as_str(), event.payment_id, lease.now);
    if inserted? == 0 {
        tx.commit().await?;
        return Ok(Inserted::Duplicate);
    }
    let apply = |payment: &mut Payment| {
        for update in &event.updates {
            payment.apply(update, lease.now);
        }
        Ok(())
    };
    let (payment, ()) = payments::update_in(&mut tx, event.payment_id, lease, apply).await?;
    tx.commit().await?;
    Ok(Inserted::Applied(Box::new(payment)))
}

/// Deletes webhooks received before then.
pub async fn sweep(db: &Db, before: DateTime<Utc>) -> Result<(), StorageError> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "delete from webhooks where received_at < $1", before)?;
    tx.commit().await
}
