//! Events, and which of them are still to be sent.

use serde_json::Value;
use storage::{Db, Error, Tx};

use super::{text, value};
use crate::objects::Event;

/// An event that is to be sent: its number, and when it was told, in milliseconds.
pub type Waiting = (i64, i64);

/// Writes it down, and gives its number.
pub async fn insert(tx: &mut Tx, event: &Event, now_ms: i64) -> Result<i64, Error> {
    let sql = "insert into events (id, type, body, created_ms) values ($1, $2, $3, $4) returning number";
    let body = text(&event.body)?;
    let (number,): (i64,) = storage::fetch_one!(tx, sql, &event.id, event.kind, body, now_ms)?;
    Ok(number)
}

/// Those that are not sent, the oldest first.
pub async fn waiting(db: &Db) -> Result<Vec<Waiting>, Error> {
    let sql = "select number, created_ms from events where not is_sent order by number limit 10000";
    storage::fetch_all!(db, sql)
}

/// What an event says, if it is still to be sent.
pub async fn body(db: &Db, number: i64) -> Result<Option<String>, Error> {
    let sql = "select body from events where number = $1 and not is_sent";
    let row: Option<(String,)> = storage::fetch_optional!(db, sql, number)?;
    Ok(row.map(|(body,)| body))
}

/// They have arrived.
pub async fn sent(db: &Db, numbers: &[i64]) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    for number in numbers {
        storage::execute!(&mut tx, "update events set is_sent = true where number = $1", number)?;
    }
    tx.commit().await
}

/// Forgets those of before then that have arrived.
pub async fn sweep(db: &Db, before_ms: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let sql = "delete from events where is_sent and created_ms < $1";
    storage::execute!(&mut tx, sql, before_ms)?;
    tx.commit().await
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<Value>, Error> {
    let sql = "select body, is_sent from events where id = $1";
    let row: Option<(String, bool)> = storage::fetch_optional!(tx, sql, id)?;
    row.map(shown).transpose()
}

/// The newest first, those before another one, of one type or of all.
pub async fn list(tx: &mut Tx, kind: Option<&str>, after: Option<&str>, limit: i64) -> Result<Vec<Value>, Error> {
    let sql = "select body, is_sent from events
        where ($1 is null or type = $1) and ($2 is null or number < (select number from events where id = $2))
        order by number desc limit $3";
    let rows: Vec<(String, bool)> = storage::fetch_all!(tx, sql, kind, after, limit)?;
    rows.into_iter().map(shown).collect()
}

fn shown((body, is_sent): (String, bool)) -> Result<Value, Error> {
    let mut event: Value = value(&body)?;
    event["pending_webhooks"] = i64::from(!is_sent).into();
    Ok(event)
}
