//! Webhooks and their positions in the outbox.

use chrono::{DateTime, Utc};
use storage::{Db, Error, Json, execute, fetch_all, fetch_optional};
use uuid::Uuid;

use crate::domain::{EventType, Webhook, WebhookInput, WebhookUrl};
use crate::secret::WebhookSecret;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    #[sqlx(try_from = "String")]
    url: WebhookUrl,
    types: Json<Vec<EventType>>,
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
struct DeliveryRow {
    #[sqlx(flatten)]
    webhook: Row,
    #[sqlx(try_from = "String")]
    secret: WebhookSecret,
    position: i64,
    tries: i64,
    fence: i64,
}

/// A webhook and the state of its deliveries.
#[derive(Clone, Debug)]
pub struct WebhookDelivery {
    pub webhook: Webhook,
    /// Signs the events
    pub secret: WebhookSecret,
    /// The number of the last event that was delivered or skipped
    pub position: i64,
    /// Failures in a row
    pub tries: u32,
    fence: i64,
}

impl From<DeliveryRow> for WebhookDelivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            webhook: row.webhook.into(),
            secret: row.secret,
            position: row.position,
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
            fence: row.fence,
        }
    }
}

/// Lists all webhooks, the oldest first.
pub async fn list(db: &Db) -> Result<Vec<Webhook>, Error> {
    let sql = "select id, url, types, failing_since, disabled_at, created_at from webhooks order by created_at, id";
    let rows: Vec<Row> = fetch_all!(db, sql)?;
    Ok(rows.into_iter().map(Webhook::from).collect())
}

pub async fn find(db: &Db, id: Uuid) -> Result<Option<WebhookDelivery>, Error> {
    let sql = "select id, url, types, secret, position, tries, failing_since, disabled_at, fence, created_at
        from webhooks where id = $1";
    let row: Option<DeliveryRow> = fetch_optional!(db, sql, id)?;
    Ok(row.map(WebhookDelivery::from))
}

/// Creates a webhook that is sent the events after `position`. If it exists, changes its URL and types and enables it again;
/// its secret and its position stay.
pub async fn update(
    db: &Db,
    id: Uuid,
    input: &WebhookInput,
    secret: &WebhookSecret,
    position: i64,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let sql = "insert into webhooks
        (id, url, types, secret, position, tries, due_at, leased_until, fence, created_at)
        values ($1, $2, $3, $4, $5, 0, $6, $6, 0, $6)
        on conflict (id) do update set url = excluded.url, types = excluded.types, tries = 0,
            failing_since = null, disabled_at = null, due_at = excluded.due_at";
    let mut tx = db.begin().await?;
    let (url, types) = (input.url.as_ref(), Json(&input.types));
    execute!(&mut tx, sql, id, url, types, secret.expose(), position, now)?;
    tx.commit().await
}

/// Deletes a webhook, and returns whether it existed.
pub async fn delete(db: &Db, id: Uuid) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let deleted = execute!(&mut tx, "delete from webhooks where id = $1", id)?;
    tx.commit().await?;
    Ok(deleted == 1)
}

/// Moves a webhook back to `position` and enables it, even while it is leased. Returns whether it exists.
pub async fn replay(db: &Db, id: Uuid, position: i64, now: DateTime<Utc>) -> Result<bool, Error> {
    let sql = "update webhooks set position = $1, tries = 0, failing_since = null, disabled_at = null,
        due_at = $2, leased_until = $2, fence = fence + 1 where id = $3";
    let mut tx = db.begin().await?;
    let replayed = execute!(&mut tx, sql, position, now, id)?;
    tx.commit().await?;
    Ok(replayed == 1)
}

/// The ids of enabled webhooks behind `head` that are due and not leased.
pub async fn find_due(db: &Db, head: i64, now: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let sql = "select id from webhooks
        where disabled_at is null and due_at <= $1 and leased_until <= $1 and position < $2
        order by due_at limit 100";
    let rows: Vec<(Uuid,)> = fetch_all!(db, sql, now, head)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Leases a webhook that is not leased.
pub async fn claim(
    db: &Db,
    id: Uuid,
    now: DateTime<Utc>,
    leased_until: DateTime<Utc>,
) -> Result<Option<WebhookDelivery>, Error> {
    let sql = "update webhooks set leased_until = $1, fence = fence + 1 where id = $2 and leased_until <= $3";
    let mut tx = db.begin().await?;
    let claimed = execute!(&mut tx, sql, leased_until, id, now)? == 1;
    tx.commit().await?;
    if claimed { find(db, id).await } else { Ok(None) }
}

/// Saves the state of a webhook's deliveries. Returns false if another process has claimed it by now.
pub async fn update_delivery(
    db: &Db,
    delivery: &WebhookDelivery,
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
    } = delivery.webhook;
    let mut tx = db.begin().await?;
    let updated = execute!(
        &mut tx,
        sql,
        delivery.position,
        i64::from(delivery.tries),
        failing_since,
        disabled_at,
        due_at,
        leased_until,
        id,
        delivery.fence,
    )?;
    tx.commit().await?;
    Ok(updated == 1)
}
