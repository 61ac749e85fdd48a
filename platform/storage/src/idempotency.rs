//! Idempotency: the same key and request get the same response. The response is stored in the transaction of the effect, so
//! either both exist or neither. A service has this table:
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
//! The fingerprint is a hash: it tells whether two requests are equal and reveals nothing of their content. Old keys have to
//! be deleted: see [`sweep`].

use std::fmt::Write;

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::types::Json;

use crate::{Db, Error, Tx};

/// What is stored for an idempotency key.
#[derive(Debug)]
pub enum Replay<T> {
    /// Nothing: the request is new.
    New,
    /// The response to the same request.
    Answered(T),
    /// The key was used for another request.
    Mismatch,
}

/// Looks up a key in a transaction.
///
/// # Errors
/// The database does not answer.
pub async fn find<T: DeserializeOwned + Send + Unpin + 'static>(
    tx: &mut Tx,
    key: &str,
    request: &impl Serialize,
) -> Result<Replay<T>, Error> {
    replay(crate::fetch_optional!(tx, FIND, key)?, request)
}

/// Looks up a key outside of a transaction. A new key may be in use by the time that a transaction looks it up.
///
/// # Errors
/// The database does not answer.
pub async fn find_committed<T: DeserializeOwned>(
    db: &Db,
    key: &str,
    request: &impl Serialize,
) -> Result<Replay<T>, Error> {
    replay(crate::fetch_optional!(db, FIND, key)?, request)
}

type Row = (String, Json<serde_json::Value>);

const FIND: &str = "select fingerprint, answer from idempotency where key = $1";

fn replay<T: DeserializeOwned>(row: Option<Row>, request: &impl Serialize) -> Result<Replay<T>, Error> {
    let Some((fingerprint, Json(answer))) = row else {
        return Ok(Replay::New);
    };
    let asked = canonical(request);
    // Older versions stored the request itself; `sweep` replaces it by its hash.
    if fingerprint != hash(&asked) && fingerprint != asked {
        return Ok(Replay::Mismatch);
    }
    serde_json::from_value(answer)
        .map(Replay::Answered)
        .map_err(|error| Error::Decode(error.into()))
}

/// Stores the response to a key.
///
/// # Errors
/// The key exists (two requests raced, see [`crate::is_conflict`]), or the database does not answer.
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

/// Deletes the keys that are older than `time`, and returns their number. Fingerprints of older versions, which are whole
/// requests, are replaced by their hashes.
///
/// # Errors
/// The database does not answer.
pub async fn sweep(db: &Db, time: DateTime<Utc>) -> Result<u64, Error> {
    let mut tx = db.begin().await?;
    let deleted = crate::execute!(&mut tx, "delete from idempotency where created_at < $1", time)?;
    tx.commit().await?;
    loop {
        let sql = "select key, fingerprint from idempotency where substr(fingerprint, 1, 1) = '{' limit $1";
        let whole: Vec<(String, String)> = crate::fetch_all!(db, sql, HASHED_AT_ONCE)?;
        if whole.is_empty() {
            return Ok(deleted);
        }
        let mut tx = db.begin().await?;
        for (key, text) in whole {
            let sql = "update idempotency set fingerprint = $1 where key = $2 and fingerprint = $3";
            crate::execute!(&mut tx, sql, hash(&text), key, text)?;
        }
        tx.commit().await?;
    }
}

/// Fingerprints to hash in one transaction.
const HASHED_AT_ONCE: i64 = 500;

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
