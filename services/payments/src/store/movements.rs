//! Movements and their leases. Only the task that holds the lease of a pending movement requests it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use storage::{Batch, Db, Error, Tx, execute, fetch_all, fetch_optional};
use uuid::Uuid;

use crate::domain::{Lease, Movement, MovementKind, MovementStatus, RefundDetails};

/// The columns of a movement in a query of `store::payments`.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    number: i64,
    #[sqlx(try_from = "String")]
    kind: MovementKind,
    moved: i64,
    #[sqlx(try_from = "String")]
    progress: MovementStatus,
    reason: Option<String>,
    refund: Option<Uuid>,
    refund_key: Option<String>,
    request_hash: Option<String>,
    begun_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
}

impl From<Row> for Movement {
    fn from(row: Row) -> Self {
        let refund = match (row.refund, row.refund_key, row.request_hash) {
            (Some(id), Some(key), Some(request_hash)) => Some(RefundDetails { id, key, request_hash }),
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

/// Inserts a movement whose lease the caller holds until then.
pub(super) async fn insert(tx: &mut Tx, payment: Uuid, movement: &Movement, until: DateTime<Utc>) -> Result<(), Error> {
    let sql = "insert into payment_movements
        (payment_id, number, kind, amount, progress, reason, refund, idempotency_key, request_hash,
            leased_until, due_at, created_at, settled_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let refund = movement.refund.as_ref();
    execute!(
        tx,
        sql,
        payment,
        movement.number,
        movement.kind.as_str(),
        movement.amount,
        movement.progress.as_str(),
        movement.reason.as_deref(),
        refund.map(|refund| refund.id),
        refund.map(|refund| refund.key.as_str()),
        refund.map(|refund| refund.request_hash.as_str()),
        until,
        until,
        movement.created_at,
        movement.settled_at,
    )
    .map(drop)
}

/// Updates amount, progress and reason of a movement.
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

/// A movement whose lease the caller has taken.
#[derive(Debug, sqlx::FromRow)]
pub struct ClaimedMovement {
    pub payment_id: Uuid,
    pub number: i64,
    /// How often it was claimed, including this time
    pub tries: i64,
}

/// Claims a pending movement, unless another task holds its lease.
pub async fn claim(
    batch: &Batch,
    payment: Uuid,
    number: i64,
    Lease { now, until }: Lease,
) -> Result<Option<ClaimedMovement>, Error> {
    let sql = "update payment_movements set leased_until = $1, due_at = $1, tries = tries + 1
        where payment_id = $2 and number = $3 and progress = 'pending' and leased_until <= $4
        returning payment_id, number, tries";
    let mut tx = batch.begin().await?;
    let claimed = fetch_optional!(&mut tx, sql, until, payment, number, now)?;
    tx.commit().await?;
    Ok(claimed)
}

/// Claims up to `limit` pending movements that are due and whose lease no task holds.
pub async fn claim_due(
    db: &Db,
    batch: &Batch,
    Lease { now, until }: Lease,
    limit: i64,
) -> Result<Vec<ClaimedMovement>, Error> {
    // A read first, because mostly none is due.
    let sql = "select payment_id, number, tries from payment_movements
        where progress = 'pending' and due_at <= $1 limit 1";
    let due: Option<ClaimedMovement> = fetch_optional!(db, sql, now)?;
    if due.is_none() {
        return Ok(Vec::new());
    }
    // The condition is repeated outside of the subquery, for a replica that has waited for another one's claim.
    let sql = "update payment_movements set leased_until = $1, due_at = $1, tries = tries + 1
        where progress = 'pending' and due_at <= $2 and leased_until <= $2 and (payment_id, number) in (
            select payment_id, number from payment_movements
            where progress = 'pending' and due_at <= $2 and leased_until <= $2 order by due_at limit $3)
        returning payment_id, number, tries";
    let mut tx = batch.begin().await?;
    let claimed = fetch_all!(&mut tx, sql, until, now, limit)?;
    tx.commit().await?;
    Ok(claimed)
}

/// Ends the lease of a movement that is still pending. A request can claim it at once, the worker after the pause.
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
