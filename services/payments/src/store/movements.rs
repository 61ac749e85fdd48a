//! Movements, and who is at the pending ones. One is asked for by one at a time: whoever has its lease.

use std::time::Duration;

use chrono::{DateTime, Utc};
use storage::{Batch, Error, Tx, execute, fetch_all, fetch_optional};
use uuid::Uuid;

use crate::desk::{Desk, Moment};
use crate::domain::{Asked, Kind, Movement, Progress};

/// As it stands beside its payment, see `store::payments`.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    number: i64,
    #[sqlx(try_from = "String")]
    kind: Kind,
    moved: i64,
    #[sqlx(try_from = "String")]
    progress: Progress,
    reason: Option<String>,
    refund: Option<Uuid>,
    refund_key: Option<String>,
    wish: Option<String>,
    begun_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
}

impl From<Row> for Movement {
    fn from(row: Row) -> Self {
        let refund = match (row.refund, row.refund_key, row.wish) {
            (Some(id), Some(key), Some(wish)) => Some(Asked { id, key, wish }),
            _ => None,
        };
        Self {
            number: row.number,
            kind: row.kind,
            amount: row.moved,
            progress: row.progress,
            reason: row.reason,
            refund,
            created_at: row.begun_at,
            settled_at: row.settled_at,
        }
    }
}

/// Writes a new one down; until that moment it is ours.
pub(super) async fn insert(tx: &mut Tx, payment: Uuid, movement: &Movement, until: DateTime<Utc>) -> Result<(), Error> {
    let sql = "insert into payment_movements
        (payment_id, number, kind, amount, progress, reason, refund, idempotency_key, wish,
            leased_until, due_at, created_at, settled_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let asked = movement.refund.as_ref();
    execute!(
        tx,
        sql,
        payment,
        movement.number,
        movement.kind.as_str(),
        movement.amount,
        movement.progress.as_str(),
        movement.reason.as_deref(),
        asked.map(|asked| asked.id),
        asked.map(|asked| asked.key.as_str()),
        asked.map(|asked| asked.wish.as_str()),
        until,
        until,
        movement.created_at,
        movement.settled_at,
    )
    .map(drop)
}

/// Writes down what has become of one.
pub(super) async fn update(tx: &mut Tx, payment: Uuid, movement: &Movement) -> Result<(), Error> {
    let sql = "update payment_movements set amount = $1, progress = $2, reason = $3, settled_at = $4
        where payment_id = $5 and number = $6";
    let Movement {
        number,
        amount,
        progress,
        reason,
        settled_at,
        ..
    } = movement;
    let reason = reason.as_deref();
    execute!(tx, sql, amount, progress.as_str(), reason, settled_at, payment, number).map(drop)
}

/// A movement that was taken up.
#[derive(Debug, sqlx::FromRow)]
pub struct Taken {
    /// Of which payment
    pub payment_id: Uuid,
    /// Its number there
    pub number: i64,
    /// How often it was taken up, this time included
    pub tries: i64,
}

/// Takes a pending movement up, if nobody is at it.
pub async fn claim(
    batch: &Batch,
    payment: Uuid,
    number: i64,
    Moment { now, until }: Moment,
) -> Result<Option<Taken>, Error> {
    let sql = "update payment_movements set leased_until = $1, due_at = $1, tries = tries + 1
        where payment_id = $2 and number = $3 and progress = 'pending' and leased_until <= $4
        returning payment_id, number, tries";
    let mut tx = batch.begin().await?;
    let taken = fetch_optional!(&mut tx, sql, until, payment, number, now)?;
    tx.commit().await?;
    Ok(taken)
}

/// Takes up pending movements that are due, and that nobody is at.
pub async fn claim_due(desk: &Desk, Moment { now, until }: Moment, many: i64) -> Result<Vec<Taken>, Error> {
    // Looked for without a write first: mostly there is none.
    let sql = "select payment_id, number, tries from payment_movements
        where progress = 'pending' and due_at <= $1 limit 1";
    let due: Option<Taken> = fetch_optional!(&desk.db, sql, now)?;
    if due.is_none() {
        return Ok(Vec::new());
    }
    // The condition stands twice: a replica that has waited for another one's claim looks at it again.
    let sql = "update payment_movements set leased_until = $1, due_at = $1, tries = tries + 1
        where progress = 'pending' and due_at <= $2 and leased_until <= $2 and (payment_id, number) in (
            select payment_id, number from payment_movements
            where progress = 'pending' and due_at <= $2 and leased_until <= $2 order by due_at limit $3)
        returning payment_id, number, tries";
    let mut tx = desk.batch.begin().await?;
    let taken = fetch_all!(&mut tx, sql, until, now, many)?;
    tx.commit().await?;
    Ok(taken)
}

/// Nobody is at it any longer: anybody may take it up at once who is asked for it, the worker after a pause.
pub async fn release(
    batch: &Batch,
    payment: Uuid,
    number: i64,
    now: DateTime<Utc>,
    pause: Duration,
) -> Result<(), Error> {
    let sql = "update payment_movements set leased_until = $1, due_at = $2
        where payment_id = $3 and number = $4 and progress = 'pending'";
    let mut tx = batch.begin().await?;
    execute!(&mut tx, sql, now, now + pause, payment, number)?;
    tx.commit().await
}
