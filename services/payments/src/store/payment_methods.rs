//! Payment methods.

use chrono::{DateTime, Utc};
use storage::{Batch, Db, Error, execute, fetch_optional};

use crate::domain::MethodId;
use crate::domain::card::Method;
use crate::provider::{Kept, Token};

/// Keeps it, with what the provider has for its card.
pub async fn insert(batch: &Batch, method: &Method, kept: &Kept, now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "insert into payment_methods (id, brand, last4, token, fingerprint, created_at)
        values ($1, $2, $3, $4, $5, $6)";
    let Method { id, brand, last4 } = method;
    let fingerprint = kept.fingerprint.as_deref();
    let mut tx = batch.begin().await?;
    execute!(
        &mut tx,
        sql,
        id.as_str(),
        brand.as_str(),
        last4,
        &kept.token.0,
        fingerprint,
        now
    )?;
    tx.commit().await
}

/// What the provider has for the card of the one with this id.
pub async fn find(db: &Db, id: &MethodId) -> Result<Option<Kept>, Error> {
    let sql = "select token, fingerprint from payment_methods where id = $1";
    let row: Option<(String, Option<String>)> = fetch_optional!(db, sql, id.as_str())?;
    Ok(row.map(|(token, fingerprint)| Kept {
        token: Token(token),
        fingerprint,
    }))
}

/// Forgets those of before that nothing was paid with.
pub async fn sweep(db: &Db, before: DateTime<Utc>) -> Result<(), Error> {
    let sql = "delete from payment_methods where not used and created_at < $1";
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, before)?;
    tx.commit().await
}
