//! The private keys that sign quotes.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use storage::{Db, Error, execute, fetch_all};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredKey {
    /// PKCS #8 in base64.
    #[sqlx(try_from = "String")]
    pub pkcs8: SecretString,
    pub created_at: DateTime<Utc>,
}

/// All keys, the newest first.
pub async fn list(db: &Db) -> Result<Vec<StoredKey>, Error> {
    fetch_all!(
        db,
        "select pkcs8, created_at from signing_keys order by created_at desc, kid"
    )
}

/// The key in the table of versions that had only one key.
pub async fn list_legacy(db: &Db) -> Result<Vec<StoredKey>, Error> {
    fetch_all!(db, "select pkcs8, created_at from keys")
}

/// Stores a key, unless it is stored already, and deletes it from the legacy table.
pub async fn insert(db: &Db, kid: &str, pkcs8: &SecretString, now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "insert into signing_keys (kid, pkcs8, created_at) values ($1, $2, $3) on conflict (kid) do nothing";
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, kid, pkcs8.expose_secret(), now)?;
    execute!(&mut tx, "delete from keys where pkcs8 = $1", pkcs8.expose_secret())?;
    tx.commit().await
}

/// Stores a key if there is none. Replicas that start at the same time may store several, and all sign with the oldest at first.
pub async fn insert_first(db: &Db, kid: &str, pkcs8: &SecretString, now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "insert into signing_keys (kid, pkcs8, created_at) select $1, $2, $3
        where not exists (select 1 from signing_keys) on conflict (kid) do nothing";
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, kid, pkcs8.expose_secret(), now)?;
    tx.commit().await
}

/// Deletes a key. False if it does not exist.
pub async fn delete(db: &Db, kid: &str) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let deleted = execute!(&mut tx, "delete from signing_keys where kid = $1", kid)?;
    tx.commit().await?;
    Ok(deleted == 1)
}
