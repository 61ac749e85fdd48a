//! Secrets that this installation has generated.

use secrecy::{ExposeSecret, SecretString};
use storage::{Db, Error, execute, fetch_one};

/// Returns the secret with this name, and stores `new` if there was none. Replicas that start together agree on one.
pub async fn find_or_insert(db: &Db, name: &str, new: &SecretString) -> Result<SecretString, Error> {
    let mut tx = db.begin().await?;
    let sql = "insert into secrets (name, value) values ($1, $2) on conflict (name) do nothing";
    execute!(&mut tx, sql, name, new.expose_secret())?;
    let (value,): (String,) = fetch_one!(&mut tx, "select value from secrets where name = $1", name)?;
    tx.commit().await?;
    Ok(value.into())
}
