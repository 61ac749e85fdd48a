//! Sessions.

use storage::{Db, Error, Tx};

use super::{State, object, text};
use crate::objects::Session;

pub async fn find(tx: &mut Tx, id: &str) -> Result<Option<Session>, Error> {
    let row: Option<State<Session>> = storage::fetch_optional!(tx, "select state from sessions where id = $1", id)?;
    Ok(object(row))
}

/// Inserts or updates a session.
pub async fn save(tx: &mut Tx, session: &Session) -> Result<(), Error> {
    let sql = "insert into sessions (id, status, expires_at, state) values ($1, $2, $3, $4)
        on conflict (id) do update set status = excluded.status, expires_at = excluded.expires_at, state = excluded.state";
    let state = text(session)?;
    storage::execute!(tx, sql, &session.id, &session.status, session.expires_at, state).map(drop)
}

/// The open sessions whose time has passed.
pub async fn due(tx: &mut Tx, now: i64) -> Result<Vec<Session>, Error> {
    let sql = "select state from sessions where status = 'open' and expires_at <= $1 order by expires_at limit 100";
    let rows: Vec<State<Session>> = storage::fetch_all!(tx, sql, now)?;
    Ok(rows.into_iter().map(|(state,)| state.0).collect())
}

/// All sessions.
pub async fn list(db: &Db) -> Result<Vec<Session>, Error> {
    let rows: Vec<State<Session>> = storage::fetch_all!(db, "select state from sessions order by rowid")?;
    Ok(rows.into_iter().map(|(state,)| state.0).collect())
}
