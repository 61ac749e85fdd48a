//! Intents.

use storage::{Db, Error, Tx};

use super::{State, object, text};
use crate::objects::Intent;

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<Intent>, Error> {
    let row: Option<State<Intent>> = storage::fetch_optional!(tx, "select state from intents where id = $1", id)?;
    Ok(object(row))
}

/// Inserts or updates an intent.
pub async fn save(tx: &mut Tx, intent: &Intent) -> Result<(), Error> {
    let sql = "insert into intents (id, state) values ($1, $2) on conflict (id) do update set state = excluded.state";
    storage::execute!(tx, sql, &intent.id, text(intent)?).map(drop)
}

/// All intents, the oldest first.
pub async fn list(db: &Db) -> Result<Vec<Intent>, Error> {
    let rows: Vec<State<Intent>> = storage::fetch_all!(db, "select state from intents order by number")?;
    Ok(rows.into_iter().map(|(state,)| state.0).collect())
}
