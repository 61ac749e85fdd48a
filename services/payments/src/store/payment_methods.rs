//! Payment methods.

use chrono::{DateTime, Utc};
use storage::{Batch, Db, Error, execute, fetch_optional};

use crate::domain::MethodId;
use crate::domain::card::Method;
use crate::provider::Token;

/// Keeps it, with the token that stands for its card.
pub async fn insert(batch: &Batch, method: &Method, token: &Token, now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "insert into payment_methods (id, brand, last4, token, created_at) values ($1, $2, $3, $4, $5)";
    let Method { id, brand, last4 } = method;
    let mut tx = batch.begin().await?;
    execute!(&mut tx, sql, id.as_str(), brand.as_str(), last4, &token.0, now)?;
    tx.commit().await
}

/// The token of the one with this id.
pub async fn find_token(db: &Db, id: &MethodId) -> Result<Option<Token>, Error> {
    let sql = "select token from payment_methods where id = $1";
    let row: Option<(String,)> = fetch_optional!(db, sql, id.as_str())?;
    Ok(row.map(|(token,)| Token(token)))
}

/// Forgets those of before that nothing was paid with.
pub async fn sweep(db: &Db, before: DateTime<Utc>) -> Result<(), Error> {
    let sql = "delete from payment_methods where created_at < $1
        and not exists (select 1 from payments where payments.payment_method = payment_methods.id)";
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, before)?;
    tx.commit().await
}
