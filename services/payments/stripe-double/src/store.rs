//! The database: one file with one writer. Every change is read and written in one transaction, which holds the write lock from
//! its beginning.

pub mod behaviour;
pub mod calls;
pub mod events;
pub mod intents;
pub mod refunds;
pub mod sessions;

use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::{DatabaseUrl, Db, Error, Json, migrations};

/// The stored object of a row.
type State<T> = (Json<T>,);

/// Opens the database, and migrates it.
pub async fn open(url: DatabaseUrl) -> Result<Db, service::BoxError> {
    if !matches!(url, DatabaseUrl::Sqlite(_)) {
        return Err("the double supports SQLite only: sqlite:<path>".into());
    }
    let db = Db::open(url).await?;
    storage::migrate(&db, migrations!["0001_double"]).await?;
    Ok(db)
}

/// Whether a session has to expire or a refund has to fail by now.
pub async fn is_anything_due(db: &Db, now: i64) -> Result<bool, Error> {
    let sql = "select exists (select 1 from sessions where status = 'open' and expires_at <= $1)
        or exists (select 1 from refunds where fails_at <= $2)";
    let (is_due,): (bool,) = storage::fetch_one!(db, sql, now, now * 1000 + 999)?;
    Ok(is_due)
}

fn object<T>(row: Option<State<T>>) -> Option<T> {
    row.map(|(Json(object),)| object)
}

fn text(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Encode(error.into()))
}

fn value<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Decode(error.into()))
}
