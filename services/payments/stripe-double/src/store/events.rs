//! Events, and which of them have been sent.

use serde_json::Value;
use storage::{Db, Error, Tx};

use super::{text, value};
use crate::objects::Event;

/// An event that has not been sent: its number, and its creation time in milliseconds.
pub type UnsentEvent = (i64, i64);

/// Inserts an event, and returns its number.
pub async fn insert(tx: &mut Tx, event: &Event, now_ms: i64) -> Result<i64, Error> {
    let sql = "insert into events (id, type, body, created_ms) values ($1, $2, $3, $4) returning number";
    let body = text(&event.body)?;
    let (number,): (i64,) = storage::fetch_one!(tx, sql, &event.id, event.kind, body, now_ms)?;
    Ok(number)
}

/// The events that have not been sent, the oldest first.
pub async fn unsent(db: &Db) -> Result<Vec<UnsentEvent>, Error> {
    let sql = "select number, created_ms from events where not is_sent order by number limit 10000";
    storage::fetch_all!(db, sql)
}

/// The body of an event, unless it has been sent.
pub async fn body(db: &Db, number: i64) -> Result<Option<String>, Error> {
    let sql = "select body from events where number = $1 and not is_sent";
    let row: Option<(String,)> = storage::fetch_optional!(db, sql, number)?;
    Ok(row.map(|(body,)| body))
}

/// Marks events as sent.
pub async fn mark_sent(db: &Db, numbers: &[i64]) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    for number in numbers {
        storage::execute!(&mut tx, "update events set is_sent = true where number = $1", number)?;
    }
    tx.commit().await
}

/// Deletes sent events created before then.
pub async fn sweep(db: &Db, before_ms: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let sql = "delete from events where is_sent and created_ms < $1";
    storage::execute!(&mut tx, sql, before_ms)?;
    tx.commit().await
}

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<Value>, Error> {
    let sql = "select body, is_sent from events where id = $1";
    let row: Option<(String, bool)> = storage::fetch_optional!(tx, sql, id)?;
    row.map(to_json).transpose()
}

/// Events of one type or of all, the newest first, beginning after an event.
pub async fn list(tx: &mut Tx, kind: Option<&str>, after: Option<&str>, limit: i64) -> Result<Vec<Value>, Error> {
    let sql = "select body, is_sent from events
        where ($1 is null or type = $1) and ($2 is null or number < (select number from events where id = $2))
        order by number desc limit $3";
    let rows: Vec<(String, bool)> = storage::fetch_all!(tx, sql, kind, after, limit)?;
    rows.into_iter().map(to_json).collect()
}

fn to_json((body, is_sent): (String, bool)) -> Result<Value, Error> {
    let mut event: Value = value(&body)?;
    event["pending_webhooks"] = i64::from(!is_sent).into();
    Ok(event)
}
