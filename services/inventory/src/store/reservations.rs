//! Reservations.

mod await_payment;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use service::IdempotencyKey;
use storage::idempotency::{self, Replay};
use storage::{Batch, Db, Error as StorageError, Json, Tx, execute, fetch_all, fetch_in, fetch_optional};
use uuid::Uuid;

pub use self::await_payment::await_payment;

use crate::domain::{
    Allocation, CreateReservation, LineItem, Location, MovementKind, Reservation, ReservationStatus, Shelf, Shortage,
    Sku, StockChange, StockPolicy, plan_allocations,
};
use crate::error::Error;
use crate::store::{ledger, retry_on_conflict, stock};

/// The most overdue allocations that one transaction of the sweep looks at.
const SWEEP_BATCH: i64 = 100;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    order_id: Uuid,
    #[sqlx(try_from = "String")]
    status: ReservationStatus,
    lines: Json<Vec<LineItem>>,
    location: Option<String>,
    allocations: Option<Json<Vec<Allocation>>>,
    backordered: Option<Json<Vec<LineItem>>>,
    expires_at: DateTime<Utc>,
}

impl TryFrom<Row> for Reservation {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        let location = row.location.map(Location::try_from).transpose();
        let lines = row.lines.0;
        let at_main = |line: &LineItem| Allocation {
            sku: line.sku.clone(),
            location: Location::default(),
            quantity: line.quantity.get(),
        };
        let allocations = match row.allocations {
            Some(Json(allocations)) => allocations,
            None => lines.iter().map(at_main).collect(),
        };
        Ok(Self {
            id: row.id,
            order: row.order_id,
            status: row.status,
            lines,
            location: location.map_err(|error| StorageError::Decode(error.into()))?,
            allocations,
            backordered: row.backordered.map(|Json(lines)| lines).unwrap_or_default(),
            expires_at: row.expires_at,
        })
    }
}

const FIND: &str = "select id, order_id, status, lines, location, allocations, backordered,
    expires_at from reservations where id = $1";

/// Finds a reservation as it is at this moment.
pub async fn find(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<Option<Reservation>, StorageError> {
    let row: Option<Row> = fetch_optional!(db, FIND, id)?;
    Ok(row.map(Reservation::try_from).transpose()?.map(|found| found.at(now)))
}

async fn find_in(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let row: Option<Row> = fetch_optional!(tx, FIND, id)?;
    let found: Reservation = row.ok_or(Error::NotFound("reservation"))?.try_into()?;
    Ok(found.at(now))
}

/// Holds all lines of the request or none, once for each idempotency key.
pub async fn insert(
    batch: &Batch,
    key: &IdempotencyKey,
    request: &CreateReservation,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Reservation, Error> {
    let answer = retry_on_conflict(|| try_insert(batch, key, request, id, now)).await?;
    answer.map_err(Error::OutOfStock)
}

/// What is stored under the idempotency key: the reservation, or why it was rejected.
type Answer = Result<Reservation, Vec<Shortage>>;

async fn try_insert(
    batch: &Batch,
    key: &IdempotencyKey,
    request: &CreateReservation,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Answer, Error> {
    let mut tx = batch.begin().await?;
    let answer = match idempotency::find(&mut tx, key.as_str(), request).await? {
        Replay::Answered(answer) => answer,
        Replay::Mismatch => return Err(Error::KeyReused),
        Replay::New => {
            let answer = reserve(&mut tx, request, id, now).await?;
            idempotency::insert(&mut tx, key.as_str(), request, &answer, now).await?;
            answer
        }
    };
    tx.commit().await?;
    Ok(answer)
}

async fn reserve(tx: &mut Tx, request: &CreateReservation, id: Uuid, now: DateTime<Utc>) -> Result<Answer, Error> {
    let skus = skus(&request.lines);
    let (mut changes, available) = available_after_expiry(tx, &skus, now).await?;
    let planned = plan_allocations(
        &request.lines,
        &at_location(&available.units, request.location.as_ref()),
        &available.policies,
    );
    let answer = planned.map(|plan| Reservation::new(request, plan, id, now));
    if let Ok(reservation) = &answer {
        insert_rows(tx, reservation, now).await?;
        changes.extend(reservation.changes(MovementKind::Reserved));
    }
    // Units of overdue reservations are freed even if the request is rejected.
    ledger::post(tx, &changes, now).await?;
    Ok(answer)
}

/// Expires overdue reservations of these SKUs, and returns the changes that free their units together with the units
/// that will be available after them.
async fn available_after_expiry(
    tx: &mut Tx,
    skus: &[Sku],
    now: DateTime<Utc>,
) -> Result<(Vec<StockChange>, stock::AvailableStock), StorageError> {
    let available = stock::available(tx, skus, &[], now).await?;
    if !available.has_overdue {
        return Ok((Vec::new(), available));
    }
    let changes = expire_overdue(tx, skus, now).await?;
    let available = stock::available(tx, skus, &changes, now).await?;
    Ok((changes, available))
}

fn skus(lines: &[LineItem]) -> Vec<Sku> {
    lines.iter().map(|line| line.sku.clone()).collect()
}

/// The available units at one location, or at all of them if none is given.
fn at_location(available: &BTreeMap<Shelf, u32>, location: Option<&Location>) -> BTreeMap<Shelf, u32> {
    let mut available = available.clone();
    available.retain(|shelf, _| location.is_none_or(|location| *location == shelf.location));
    available
}

async fn insert_rows(tx: &mut Tx, reservation: &Reservation, now: DateTime<Utc>) -> Result<(), StorageError> {
    let sql = "insert into reservations
        (id, order_id, status, lines, location, allocations, backordered, expires_at, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    execute!(
        tx,
        sql,
        reservation.id,
        reservation.order,
        reservation.status.as_str(),
        Json(&reservation.lines),
        reservation.location.as_ref().map(Location::as_str),
        Json(&reservation.allocations),
        backordered(reservation),
        reservation.expires_at,
        now,
    )?;
    let sql = "insert into allocations (reservation, sku, location, quantity, expires_at) values ($1, $2, $3, $4, $5)";
    for allocation in &reservation.allocations {
        let (sku, location) = (allocation.sku.as_str(), allocation.location.as_str());
        let quantity = i64::from(allocation.quantity);
        execute!(tx, sql, reservation.id, sku, location, quantity, reservation.expires_at)?;
    }
    Ok(())
}

fn backordered(reservation: &Reservation) -> Option<Json<&Vec<LineItem>>> {
    Some(&reservation.backordered)
        .filter(|lines| !lines.is_empty())
        .map(Json)
}

/// Commits a reservation: its units leave stock.
pub async fn commit(batch: &Batch, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    retry_on_conflict(|| try_commit(batch, id, now)).await
}

async fn try_commit(batch: &Batch, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let mut tx = batch.begin().await?;
    let reservation = match end(&mut tx, id, ReservationStatus::Committed, now).await? {
        Some(reservation) => {
            let changes: Vec<StockChange> = reservation.changes(MovementKind::Shipped).collect();
            ledger::post(&mut tx, &changes, now).await?;
            reservation
        }
        None => match find_in(&mut tx, id, now).await? {
            expired if expired.status == ReservationStatus::Expired => commit_expired(&mut tx, expired, now).await?,
            reservation => reservation,
        },
    };
    tx.commit().await?;
    match reservation.status {
        ReservationStatus::Committed => Ok(reservation),
        status => Err(Error::ReservationEnded(status)),
    }
}

/// Commits an expired reservation if its units are available: where they were held, else at any location.
async fn commit_expired(tx: &mut Tx, mut reservation: Reservation, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let skus = skus(&reservation.lines);
    let (mut changes, available) = available_after_expiry(tx, &skus, now).await?;
    let mut held_before = available.units.clone();
    held_before.retain(|shelf, _| reservation.allocations.iter().any(|part| part.shelf() == *shelf));
    let planned = plan_allocations(
        &reservation.lines,
        &held_before,
        &without_backorders(&available.policies),
    );
    let planned = planned.or_else(|_| {
        let units = at_location(&available.units, reservation.location.as_ref());
        plan_allocations(&reservation.lines, &units, &available.policies)
    });
    let planned = planned.map_err(|_| Error::ReservationEnded(ReservationStatus::Expired))?;
    reservation.allocations = planned.allocations;
    reservation.backordered = planned.backordered;
    reservation.status = ReservationStatus::Committed;
    let sql = "update reservations set status = 'committed', allocations = $1, backordered = $2
        where id = $3 and status = 'expired'";
    let (allocations, backordered) = (Json(&reservation.allocations), backordered(&reservation));
    if execute!(tx, sql, allocations, backordered, reservation.id)? == 0 {
        return Err(Error::Conflict);
    }
    changes.extend(reservation.changes(MovementKind::Reserved));
    changes.extend(reservation.changes(MovementKind::Shipped));
    ledger::post(tx, &changes, now).await?;
    Ok(reservation)
}

/// The same policies with backorders denied.
fn without_backorders(policies: &BTreeMap<Sku, StockPolicy>) -> BTreeMap<Sku, StockPolicy> {
    let denied = |policy: &StockPolicy| StockPolicy {
        tracked: policy.tracked,
        ..StockPolicy::default()
    };
    policies
        .iter()
        .map(|(sku, policy)| (sku.clone(), denied(policy)))
        .collect()
}

/// Releases a reservation: its units are available again.
pub async fn release(batch: &Batch, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let mut tx = batch.begin().await?;
    let reservation = match end(&mut tx, id, ReservationStatus::Released, now).await? {
        Some(reservation) => {
            let changes: Vec<StockChange> = reservation.changes(MovementKind::Released).collect();
            ledger::post(&mut tx, &changes, now).await?;
            reservation
        }
        None => find_in(&mut tx, id, now).await?,
    };
    tx.commit().await?;
    match reservation.status {
        ReservationStatus::Committed => Err(Error::Committed),
        _ => Ok(reservation),
    }
}

/// Expires all overdue reservations, in batches.
pub async fn sweep(db: &Db, batch: &Batch, now: DateTime<Utc>) -> Result<(), Error> {
    loop {
        // The limit comes before the distinct, so that the index gives the oldest without a look at all that are held.
        let sql = "select distinct reservation from (
                select reservation from allocations where expires_at <= $1 order by expires_at, sku limit $2
            ) as overdue";
        let overdue: Vec<(Uuid,)> = fetch_all!(db, sql, now, SWEEP_BATCH)?;
        if overdue.is_empty() {
            return Ok(());
        }
        let mut tx = batch.begin().await?;
        let changes = expire_all(&mut tx, overdue, now).await?;
        ledger::post(&mut tx, &changes, now).await?;
        tx.commit().await?;
        if changes.is_empty() {
            return Ok(());
        }
    }
}

/// Marks the overdue reservations of these SKUs as expired, and returns the changes that free their units.
pub(super) async fn expire_overdue(
    tx: &mut Tx,
    skus: &[Sku],
    now: DateTime<Utc>,
) -> Result<Vec<StockChange>, StorageError> {
    let overdue: Vec<(Uuid,)> = fetch_in!(
        tx,
        "select distinct reservation from allocations where expires_at <= $1 and sku in",
        skus,
        now
    )?;
    expire_all(tx, overdue, now).await
}

async fn expire_all(
    tx: &mut Tx,
    mut overdue: Vec<(Uuid,)>,
    now: DateTime<Utc>,
) -> Result<Vec<StockChange>, StorageError> {
    overdue.sort_unstable();
    let mut changes = Vec::new();
    for (id,) in overdue {
        if let Some(reservation) = end(tx, id, ReservationStatus::Expired, now).await? {
            changes.extend(reservation.changes(MovementKind::Expired));
        }
    }
    Ok(changes)
}

/// Ends a held reservation with this status. `None` if it is not held any more. An overdue reservation cannot be
/// released; it can be committed as long as its units are not freed yet. Only an overdue one can expire.
async fn end(
    tx: &mut Tx,
    id: Uuid,
    status: ReservationStatus,
    now: DateTime<Utc>,
) -> Result<Option<Reservation>, StorageError> {
    let sql = "update reservations set status = $1
        where id = $2 and status = 'held' and (expires_at <= $3) in ($4, $5)
        returning id, order_id, status, lines, location, allocations, backordered, expires_at";
    let [is_overdue, or_overdue] = match status {
        ReservationStatus::Expired => [true, true],
        ReservationStatus::Released => [false, false],
        ReservationStatus::Committed | ReservationStatus::Held => [false, true],
    };
    let row: Option<Row> = fetch_optional!(tx, sql, status.as_str(), id, now, is_overdue, or_overdue)?;
    let Some(row) = row else { return Ok(None) };
    execute!(tx, "delete from allocations where reservation = $1", id)?;
    row.try_into().map(Some)
}
