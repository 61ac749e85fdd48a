//! Stored responses by idempotency key, and recorded requests.

use serde_json::{Value, json};
use storage::{Db, Error, Tx};

use super::{text, value};

/// The response to the first request with an idempotency key.
#[derive(Debug)]
pub struct StoredResponse {
    pub path: String,
    pub params: Value,
    pub request: String,
    pub status: i64,
    pub answer: Value,
}

pub async fn find(tx: &mut Tx, key: &str) -> Result<Option<StoredResponse>, Error> {
    let sql = "select path, params, request, status, answer from idempotency_keys where key = $1";
    let row: Option<(String, String, String, i64, String)> = storage::fetch_optional!(tx, sql, key)?;
    row.map(|(path, params, request, status, answer)| {
        Ok(StoredResponse {
            path,
            params: value(&params)?,
            request,
            status,
            answer: value(&answer)?,
        })
    })
    .transpose()
}

pub async fn insert(tx: &mut Tx, key: &str, response: &StoredResponse, now: i64) -> Result<(), Error> {
    let sql = "insert into idempotency_keys (key, path, params, request, status, answer, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)";
    let (params, answer) = (text(&response.params)?, text(&response.answer)?);
    storage::execute!(
        tx,
        sql,
        key,
        &response.path,
        params,
        &response.request,
        response.status,
        answer,
        now
    )
    .map(drop)
}

/// Deletes the keys created before then.
pub async fn sweep(db: &Db, time: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    storage::execute!(&mut tx, "delete from idempotency_keys where created_at < $1", time)?;
    tx.commit().await
}

/// Deletes all recorded requests except the last ones.
pub async fn sweep_requests(db: &Db, count: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let sql = "delete from requests where number <= (select max(number) from requests) - $1";
    storage::execute!(&mut tx, sql, count)?;
    tx.commit().await
}

/// Records a request with its response.
pub async fn record(tx: &mut Tx, path: &str, params: &Value, status: i64, answer: &Value) -> Result<(), Error> {
    let sql = "insert into requests (method, path, params, status, answer) values ('POST', $1, $2, $3, $4)";
    storage::execute!(tx, sql, path, text(params)?, status, text(answer)?).map(drop)
}

/// All recorded requests, the oldest first.
pub async fn recorded(db: &Db) -> Result<Vec<Value>, Error> {
    type Row = (String, String, String, i64, String);
    let sql = "select method, path, params, status, answer from requests order by number";
    let rows: Vec<Row> = storage::fetch_all!(db, sql)?;
    let recorded = rows.into_iter().map(|(method, path, params, status, answer)| {
        let (params, answer): (Value, Value) = (value(&params)?, value(&answer)?);
        Ok(json!({ "method": method, "path": path, "params": params, "status": status, "answer": answer }))
    });
    recorded.collect()
}
