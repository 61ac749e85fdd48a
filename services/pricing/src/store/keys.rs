//! The keys that sign quotes.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use storage::{Db, Error, execute, fetch_all};

/// A key as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Kept {
    /// PKCS #8 in base64
    #[sqlx(try_from = "String")]
    pub pkcs8: SecretString,
    /// When it was made
    pub created_at: DateTime<Utc>,
}

/// All that are kept, the newest first.
pub async fn list(db: &Db) -> Result<Vec<Kept>, Error> {
    fetch_all!(
        db,
        "select pkcs8, created_at from signing_keys order by created_at desc, kid"
    )
}

/// The one that was kept before there could be several.
pub async fn list_of_before(db: &Db) -> Result<Vec<Kept>, Error> {
    fetch_all!(db, "select pkcs8, created_at from keys")
}

/// Keeps one; no harm where it is kept.
pub async fn insert(db: &Db, kid: &str, pkcs8: &SecretString, now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "insert into signing_keys (kid, pkcs8, created_at) values ($1, $2, $3) on conflict (kid) do nothing";
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, kid, pkcs8.expose_secret(), now)?;
    execute!(&mut tx, "delete from keys where pkcs8 = $1", pkcs8.expose_secret())?;
    tx.commit().await
}

/// Keeps one where there is none at all: replicas that start together agree on one, for the oldest signs.
pub async fn insert_first(db: &Db, kid: &str, pkcs8: &SecretString, now: DateTime<Utc>) -> Result<(), Error> {
    let sql = "insert into signing_keys (kid, pkcs8, created_at) select $1, $2, $3
        where not exists (select 1 from signing_keys) on conflict (kid) do nothing";
    let mut tx = db.begin().await?;
    execute!(&mut tx, sql, kid, pkcs8.expose_secret(), now)?;
    tx.commit().await
}

/// Forgets one; says whether it was kept.
pub async fn remove(db: &Db, kid: &str) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let removed = execute!(&mut tx, "delete from signing_keys where kid = $1", kid)?;
    tx.commit().await?;
    Ok(removed == 1)
}
