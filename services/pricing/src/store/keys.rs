//! The key that signs quotes.

use chrono::{DateTime, Utc};
use storage::{Db, Error, execute, fetch_one};

const PURPOSE: &str = "quotes";

/// The key that is kept, which is `new` if there was none: replicas that start together agree on one.
pub async fn find_or_insert(db: &Db, new: &str, now: DateTime<Utc>) -> Result<String, Error> {
    let mut tx = db.begin().await?;
    let sql = "insert into keys (purpose, pkcs8, created_at) values ($1, $2, $3) on conflict (purpose) do nothing";
    execute!(&mut tx, sql, PURPOSE, new, now)?;
    let (pkcs8,): (String,) = fetch_one!(&mut tx, "select pkcs8 from keys where purpose = $1", PURPOSE)?;
    tx.commit().await?;
    Ok(pkcs8)
}
