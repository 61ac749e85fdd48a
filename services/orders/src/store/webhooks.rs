//! Webhooks, and how far each is.

use chrono::{DateTime, Utc};
use storage::{Db, Error, Json, execute, fetch_all, fetch_optional};
use uuid::Uuid;

use crate::domain::{Endpoint, Kind, Webhook, Wish};
use crate::secret::Secret;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    #[sqlx(try_from = "String")]
    url: Endpoint,
    types: Json<Vec<Kind>>,
    failing_since: Option<DateTime<Utc>>,
    disabled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<Row> for Webhook {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            url: row.url,
            types: row.types.0,
            failing_since: row.failing_since,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct ServedRow {
    #[sqlx(flatten)]
    webhook: Row,
    #[sqlx(try_from = "String")]
    secret: Secret,
    position: i64,
    tries: i64,
    fence: i64,
}

/// A webhook with what is needed to serve it.
#[derive(Clone, Debug)]
pub struct Served {
    /// Whom to tell of what
    pub webhook: Webhook,
    /// Signs what is sent
    pub secret: Secret,
    /// The number of the last event that it has taken
    pub position: i64,
    /// Failures in a row
    pub tries: u32,
    fence: i64,
}

impl From<ServedRow> for Served {
    fn from(row: ServedRow) -> Self {
        Self {
            webhook: row.webhook.into(),
            secret: row.secret,
            position: row.position,
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
            fence: row.fence,
        }
    }
}

/// All of them, the oldest first.
pub async fn list(db: &Db) -> Result<Vec<Webhook>, Error> {
    let sql = "select id, url, types, failing_since, disabled_at, created_at from webhooks order by created_at, id";
    let rows: Vec<Row> = fetch_all!(db, sql)?;
    Ok(rows.into_iter().map(Webhook::from).collect())
}

/// The one with this id.
pub async fn find(db: &Db, id: Uuid) -> Result<Option<Served>, Error> {
    let sql = "select id, url, types, secret, position, tries, failing_since, disabled_at, fence, created_at
        from webhooks where id = $1";
    let row: Option<ServedRow> = fetch_optional!(db, sql, id)?;
    Ok(row.map(Served::from))
}

/// Makes one that hears of everything after `position`; or changes it, and gives it another chance.
pub async fn update(
    db: &Db,
    id: Uuid,
    wish: &Wish,
    secret: &Secret,
    position: i64,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let sql = "insert into webhooks
        (id, url, types, secret, position, tries, due_at, leased_until, fence, created_at)
        values ($1, $2, $3, $4, $5, 0, $6, $6, 0, $6)
        on conflict (id) do update set url = excluded.url, types = excluded.types, tries = 0,
            failing_since = null, disabled_at = null, due_at = excluded.due_at";
    let mut tx = db.begin().await?;
    let (url, types) = (wish.url.as_ref(), Json(&wish.types));
    execute!(&mut tx, sql, id, url, types, secret.reveal(), position, now)?;
    tx.commit().await
}

/// Forgets one; says whether there was one.
pub async fn remove(db: &Db, id: Uuid) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let removed = execute!(&mut tx, "delete from webhooks where id = $1", id)?;
    tx.commit().await?;
    Ok(removed == 1)
}

/// Has one hear again of everything after `position`, whoever is serving it now; says whether there is one.
pub async fn replay(db: &Db, id: Uuid, position: i64, now: DateTime<Utc>) -> Result<bool, Error> {
    let sql = "update webhooks set position = $1, tries = 0, failing_since = null, disabled_at = null,
        due_at = $2, leased_until = $2, fence = fence + 1 where id = $3";
    let mut tx = db.begin().await?;
    let replayed = execute!(&mut tx, sql, position, now, id)?;
    tx.commit().await?;
    Ok(replayed == 1)
}

/// Those that have not heard of everything up to `head`, and whose time has come.
pub async fn find_due(db: &Db, head: i64, now: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let sql = "select id from webhooks
        where disabled_at is null and due_at <= $1 and leased_until <= $1 and position < $2
        order by due_at limit 100";
    let rows: Vec<(Uuid,)> = fetch_all!(db, sql, now, head)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Takes one that nobody serves.
pub async fn claim(
    db: &Db,
    id: Uuid,
    now: DateTime<Utc>,
    leased_until: DateTime<Utc>,
) -> Result<Option<Served>, Error> {
    let sql = "update webhooks set leased_until = $1, fence = fence + 1 where id = $2 and leased_until <= $3";
    let mut tx = db.begin().await?;
    let claimed = execute!(&mut tx, sql, leased_until, id, now)? == 1;
    tx.commit().await?;
    if claimed { find(db, id).await } else { Ok(None) }
}

/// Writes down how far one is; says whether it still was ours to serve.
pub async fn advance(
    db: &Db,
    served: &Served,
    due_at: DateTime<Utc>,
    leased_until: DateTime<Utc>,
) -> Result<bool, Error> {
    let sql = "update webhooks set position = $1, tries = $2, failing_since = $3, disabled_at = $4, due_at = $5,
        leased_until = $6 where id = $7 and fence = $8";
    let Webhook {
        id,
        failing_since,
        disabled_at,
        ..
    } = served.webhook;
    let mut tx = db.begin().await?;
    let advanced = execute!(
        &mut tx,
        sql,
        served.position,
        i64::from(served.tries),
        failing_since,
        disabled_at,
        due_at,
        leased_until,
        id,
        served.fence,
    )?;
    tx.commit().await?;
    Ok(advanced == 1)
}
