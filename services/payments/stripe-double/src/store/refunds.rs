//! Refunds.

use storage::{Error, Tx};

use super::{State, object, text};
use crate::objects::Refund;

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<Refund>, Error> {
    let row: Option<State<Refund>> = storage::fetch_optional!(tx, "select state from refunds where id = $1", id)?;
    Ok(object(row))
}

/// Inserts or updates a refund, with the time in milliseconds at which it will fail.
pub async fn save(tx: &mut Tx, refund: &Refund, fails_at: Option<i64>) -> Result<(), Error> {
    let sql = "insert into refunds (id, intent, fails_at, state) values ($1, $2, $3, $4)
        on conflict (id) do update set fails_at = excluded.fails_at, state = excluded.state";
    storage::execute!(tx, sql, &refund.id, &refund.payment_intent, fails_at, text(refund)?).map(drop)
}

/// Refunds of one intent or of all, the newest first, beginning after a refund.
pub async fn list(tx: &mut Tx, intent: Option<&str>, after: Option<&str>, limit: i64) -> Result<Vec<Refund>, Error> {
    let sql = "select state from refunds
        where ($1 is null or intent = $1) and ($2 is null or number < (select number from refunds where id = $2))
        order by number desc limit $3";
    let rows: Vec<State<Refund>> = storage::fetch_all!(tx, sql, intent, after, limit)?;
    Ok(rows.into_iter().map(|(state,)| state.0).collect())
}

/// The refunds that have to fail by now.
pub async fn failing(tx: &mut Tx, now: i64) -> Result<Vec<Refund>, Error> {
    let sql = "select state from refunds where fails_at <= $1 order by number limit 100";
    let rows: Vec<State<Refund>> = storage::fetch_all!(tx, sql, now)?;
    Ok(rows.into_iter().map(|(state,)| state.0).collect())
}
