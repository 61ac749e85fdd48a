//! The behaviour. It is stored, because it has to outlast the process.

use storage::{Db, Error, Tx};

use super::{text, value};
use crate::behaviour::Behaviour;

const NAME: &str = "now";

pub async fn find(db: &Db) -> Result<Behaviour, Error> {
    let row: Option<(String,)> = storage::fetch_optional!(db, "select value from behaviour where name = $1", NAME)?;
    row.map_or_else(|| Ok(Behaviour::default()), |(text,)| value(&text))
}

pub async fn save(tx: &mut Tx, behaviour: &Behaviour) -> Result<(), Error> {
    let sql =
        "insert into behaviour (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value";
    storage::execute!(tx, sql, NAME, text(behaviour)?).map(drop)
}
