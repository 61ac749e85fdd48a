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

use chrono::{DateTime, Utc};
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
    if fingerprint != self::fingerprint(request) {
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
    crate::execute!(tx, sql, key, fingerprint(request), answer, now).map(drop)
}

/// The request in canonical JSON: equal requests have equal texts, and an operator can read it.
fn fingerprint(request: &impl Serialize) -> String {
    serde_json::to_value(request)
        .map(|value| value.to_string())
        .unwrap_or_default()
}
