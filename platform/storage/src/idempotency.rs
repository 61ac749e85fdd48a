//! Same key and body, same answer. The answer is kept in the transaction of the effect, so either
//! both are there or neither. A service has this table:
//!
//! ```sql
//! create table idempotency (
//!     key text primary key,
//!     fingerprint text not null,
//!     answer jsonb not null,
//!     created_at timestamptz not null
//! );
//! ```
//!
//! A fingerprint tells whether two requests are equal, and nothing of what is in them: it is a hash. What grows is swept:
//! see [`sweep`].

use std::fmt::Write;

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::types::Json;

use crate::{Db, Error, Tx};

/// What is known of a key.
#[derive(Debug)]
pub enum Known<T> {
    /// Nothing: do it.
    No,
    /// The answer that was given.
    Yes(T),
    /// The key was used for something else.
    Mismatch,
}

/// Looks a key up.
///
/// # Errors
/// The database does not answer.
pub async fn find<T: DeserializeOwned + Send + Unpin + 'static>(
    tx: &mut Tx,
    key: &str,
    request: &impl Serialize,
) -> Result<Known<T>, Error> {
    known(crate::fetch_optional!(tx, FIND, key)?, request)
}

/// Looks a key up outside of a transaction: what is not known here may be by the time it is looked up in one.
///
/// # Errors
/// The database does not answer.
pub async fn peek<T: DeserializeOwned>(db: &Db, key: &str, request: &impl Serialize) -> Result<Known<T>, Error> {
    known(crate::fetch_optional!(db, FIND, key)?, request)
}

type Row = (String, Json<serde_json::Value>);

const FIND: &str = "select fingerprint, answer from idempotency where key = $1";

fn known<T: DeserializeOwned>(row: Option<Row>, request: &impl Serialize) -> Result<Known<T>, Error> {
    let Some((fingerprint, Json(answer))) = row else {
        return Ok(Known::No);
    };
    let asked = canonical(request);
    // The text itself where a part of before has written it down, and nobody has hashed it yet.
    if fingerprint != hash(&asked) && fingerprint != asked {
        return Ok(Known::Mismatch);
    }
    serde_json::from_value(answer)
        .map(Known::Yes)
        .map_err(|error| Error::Decode(error.into()))
}

/// Keeps the answer to a key.
///
/// # Errors
/// The key is taken (two requests raced, see [`crate::is_conflict`]), or the database does not answer.
pub async fn insert(
    tx: &mut Tx,
    key: &str,
    request: &impl Serialize,
    answer: &impl Serialize,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let answer = Json(serde_json::to_value(answer).map_err(|error| Error::Encode(error.into()))?);
    let sql = "insert into idempotency (key, fingerprint, answer, created_at) values ($1, $2, $3, $4)";
    crate::execute!(tx, sql, key, hash(&canonical(request)), answer, now).map(drop)
}

/// Forgets the keys of before `time`, and hashes the fingerprints that are still whole requests: parts of before wrote them
/// so. Says how many keys were forgotten.
///
/// # Errors
/// The database does not answer.
pub async fn sweep(db: &Db, time: DateTime<Utc>) -> Result<u64, Error> {
    let mut tx = db.begin().await?;
    let forgotten = crate::execute!(&mut tx, "delete from idempotency where created_at < $1", time)?;
    tx.commit().await?;
    loop {
        let sql = "select key, fingerprint from idempotency where substr(fingerprint, 1, 1) = '{' limit $1";
        let whole: Vec<(String, String)> = crate::fetch_all!(db, sql, BITE)?;
        if whole.is_empty() {
            return Ok(forgotten);
        }
        let mut tx = db.begin().await?;
        for (key, text) in whole {
            let sql = "update idempotency set fingerprint = $1 where key = $2 and fingerprint = $3";
            crate::execute!(&mut tx, sql, hash(&text), key, text)?;
        }
        tx.commit().await?;
    }
}

/// Fingerprints that one transaction hashes.
const BITE: i64 = 500;

/// The request in canonical JSON: equal requests have equal texts.
fn canonical(request: &impl Serialize) -> String {
    serde_json::to_value(request)
        .map(|value| value.to_string())
        .unwrap_or_default()
}

/// `sha256:` and 64 hexadecimal digits.
fn hash(text: &str) -> String {
    let bytes = digest(&SHA256, text.as_bytes());
    bytes.as_ref().iter().fold("sha256:".to_owned(), |mut hash, byte| {
        write!(hash, "{byte:02x}").ok();
        hash
    })
}
