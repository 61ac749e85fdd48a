//! Calls of the API: the answers of their idempotency keys, and what was asked.

use serde_json::{Value, json};
use storage::{Db, Error, Tx};

use super::{text, value};

/// The answer that was given to a key.
#[derive(Debug)]
pub struct Kept {
    pub path: String,
    pub params: Value,
    pub request: String,
    pub status: i64,
    pub answer: Value,
}

pub async fn find(tx: &mut Tx, key: &str) -> Result<Option<Kept>, Error> {
    let sql = "select path, params, request, status, answer from idempotency_keys where key = $1";
    let row: Option<(String, String, String, i64, String)> = storage::fetch_optional!(tx, sql, key)?;
    row.map(|(path, params, request, status, answer)| {
        Ok(Kept {
            path,
            params: value(&params)?,
            request,
            status,
            answer: value(&answer)?,
        })
    })
    .transpose()
}

pub async fn keep(tx: &mut Tx, key: &str, kept: &Kept, now: i64) -> Result<(), Error> {
    let sql = "insert into idempotency_keys (key, path, params, request, status, answer, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)";
    let (params, answer) = (text(&kept.params)?, text(&kept.answer)?);
    storage::execute!(
        tx,
        sql,
        key,
        &kept.path,
        params,
        &kept.request,
        kept.status,
        answer,
        now
    )
    .map(drop)
}

/// Forgets the keys of before then.
pub async fn sweep(db: &Db, time: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    storage::execute!(&mut tx, "delete from idempotency_keys where created_at < $1", time)?;
    tx.commit().await
}

/// Forgets what was asked but the last `kept` calls.
pub async fn sweep_requests(db: &Db, kept: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let sql = "delete from requests where number <= (select max(number) from requests) - $1";
    storage::execute!(&mut tx, sql, kept)?;
    tx.commit().await
}

/// Writes down what was asked, and what was answered.
pub async fn record(tx: &mut Tx, path: &str, params: &Value, status: i64, answer: &Value) -> Result<(), Error> {
    let sql = "insert into requests (method, path, params, status, answer) values ('POST', $1, $2, $3, $4)";
    storage::execute!(tx, sql, path, text(params)?, status, text(answer)?).map(drop)
}

/// All that was asked, the oldest first.
pub async fn recorded(db: &Db) -> Result<Vec<Value>, Error> {
    type Row = (String, String, String, i64, String);
    let sql = "select method, path, params, status, answer from requests order by number";
    let rows: Vec<Row> = storage::fetch_all!(db, sql)?;
    let shown = rows.into_iter().map(|(method, path, params, status, answer)| {
        let (params, answer): (Value, Value) = (value(&params)?, value(&answer)?);
        Ok(json!({ "method": method, "path": path, "params": params, "status": status, "answer": answer }))
    });
    shown.collect()
}
