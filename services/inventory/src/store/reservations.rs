//! Reservations.

mod wait;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use service::IdempotencyKey;
use storage::idempotency::{self, Known};
use storage::{Batch, Db, Error as StorageError, Json, Tx, execute, fetch_all, fetch_in, fetch_optional};
use uuid::Uuid;

pub use self::wait::wait;

use crate::domain::{
    Allocation, Change, Kind, Line, Location, Policy, Request, Reservation, Shelf, Shortage, Sku, Status, plan,
};
use crate::error::Error;
use crate::store::{again, ledger, stock};

/// Lapsed reservations that one transaction of the sweep ends, at most.
const BITE: i64 = 100;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    order_id: Uuid,
    #[sqlx(try_from = "String")]
    status: Status,
    lines: Json<Vec<Line>>,
    location: Option<String>,
    allocations: Option<Json<Vec<Allocation>>>,
    backordered: Option<Json<Vec<Line>>>,
    expires_at: DateTime<Utc>,
}

impl TryFrom<Row> for Reservation {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        let location = row.location.map(Location::try_from).transpose();
        let lines = row.lines.0;
        let at_main = |line: &Line| Allocation {
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

/// The one with this id, as it is now.
pub async fn find(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<Option<Reservation>, StorageError> {
    let row: Option<Row> = fetch_optional!(db, FIND, id)?;
    Ok(row.map(Reservation::try_from).transpose()?.map(|found| found.at(now)))
}

async fn find_within(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let row: Option<Row> = fetch_optional!(tx, FIND, id)?;
    let found: Reservation = row.ok_or(Error::NotFound("reservation"))?.try_into()?;
    Ok(found.at(now))
}

/// Holds all lines of the request, or none; once for each key.
pub async fn insert(
    batch: &Batch,
    key: &IdempotencyKey,
    request: &Request,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Reservation, Error> {
    let answer = again(|| try_insert(batch, key, request, id, now)).await?;
    answer.map_err(Error::OutOfStock)
}

type Held = Result<Reservation, Vec<Shortage>>;

async fn try_insert(
    batch: &Batch,
    key: &IdempotencyKey,
    request: &Request,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Held, Error> {
    let mut tx = batch.begin().await?;
    let answer = match idempotency::find(&mut tx, key.as_str(), request).await? {
        Known::Yes(answer) => answer,
        Known::Mismatch => return Err(Error::KeyReused),
        Known::No => {
            let answer = hold(&mut tx, request, id, now).await?;
            idempotency::insert(&mut tx, key.as_str(), request, &answer, now).await?;
            answer
        }
    };
    tx.commit().await?;
    Ok(answer)
}

async fn hold(tx: &mut Tx, request: &Request, id: Uuid, now: DateTime<Utc>) -> Result<Held, Error> {
    let skus = skus(&request.lines);
    let (mut changes, free) = look(tx, &skus, now).await?;
    let planned = plan(
        &request.lines,
        &at(&free.units, request.location.as_ref()),
        &free.policies,
    );
    let answer = planned.map(|plan| Reservation::new(request, plan, id, now));
    if let Ok(reservation) = &answer {
        record(tx, reservation, now).await?;
        changes.extend(reservation.changes(Kind::Reserved));
    }
    // What has lapsed is freed even where the answer is no.
    ledger::post(tx, &changes, now).await?;
    Ok(answer)
}

/// How many units of these SKUs could be held, by shelf, once these changes are made: they free what has lapsed.
async fn look(tx: &mut Tx, skus: &[Sku], now: DateTime<Utc>) -> Result<(Vec<Change>, stock::Free), StorageError> {
    let free = stock::free(tx, skus, &[], now).await?;
    if !free.is_behind {
        return Ok((Vec::new(), free));
    }
    let changes = expire(tx, skus, now).await?;
    let free = stock::free(tx, skus, &changes, now).await?;
    Ok((changes, free))
}

fn skus(lines: &[Line]) -> Vec<Sku> {
    lines.iter().map(|line| line.sku.clone()).collect()
}

/// The shelves from which an order may take that wants its units from one location, or does not care.
fn at(free: &BTreeMap<Shelf, u32>, location: Option<&Location>) -> BTreeMap<Shelf, u32> {
    let mut free = free.clone();
    free.retain(|shelf, _| location.is_none_or(|location| *location == shelf.location));
    free
}

async fn record(tx: &mut Tx, reservation: &Reservation, now: DateTime<Utc>) -> Result<(), StorageError> {
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

fn backordered(reservation: &Reservation) -> Option<Json<&Vec<Line>>> {
    Some(&reservation.backordered)
        .filter(|lines| !lines.is_empty())
        .map(Json)
}

/// Takes the units from the shelves.
pub async fn commit(batch: &Batch, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    again(|| try_commit(batch, id, now)).await
}

async fn try_commit(batch: &Batch, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let mut tx = batch.begin().await?;
    let reservation = match settle(&mut tx, id, Status::Committed, now).await? {
        Some(reservation) => {
            let changes: Vec<Change> = reservation.changes(Kind::Shipped).collect();
            ledger::post(&mut tx, &changes, now).await?;
            reservation
        }
        None => match find_within(&mut tx, id, now).await? {
            expired if expired.status == Status::Expired => retake(&mut tx, expired, now).await?,
            reservation => reservation,
        },
    };
    tx.commit().await?;
    match reservation.status {
        Status::Committed => Ok(reservation),
        status => Err(Error::Gone(status)),
    }
}

/// Takes the units of an expired reservation after all, if they are free: where they were, else wherever they may be.
async fn retake(tx: &mut Tx, mut reservation: Reservation, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let skus = skus(&reservation.lines);
    let (mut changes, free) = look(tx, &skus, now).await?;
    let mut before = free.units.clone();
    before.retain(|shelf, _| reservation.allocations.iter().any(|part| part.shelf() == *shelf));
    let planned = plan(&reservation.lines, &before, &strict(&free.policies));
    let planned = planned.or_else(|_| {
        let free_there = at(&free.units, reservation.location.as_ref());
        plan(&reservation.lines, &free_there, &free.policies)
    });
    let planned = planned.map_err(|_| Error::Gone(Status::Expired))?;
    reservation.allocations = planned.allocations;
    reservation.backordered = planned.backordered;
    reservation.status = Status::Committed;
    let sql = "update reservations set status = 'committed', allocations = $1, backordered = $2
        where id = $3 and status = 'expired'";
    let (allocations, backordered) = (Json(&reservation.allocations), backordered(&reservation));
    if execute!(tx, sql, allocations, backordered, reservation.id)? == 0 {
        return Err(Error::Raced);
    }
    changes.extend(reservation.changes(Kind::Reserved));
    changes.extend(reservation.changes(Kind::Shipped));
    ledger::post(tx, &changes, now).await?;
    Ok(reservation)
}

/// The policies as if nothing could be sent later.
fn strict(policies: &BTreeMap<Sku, Policy>) -> BTreeMap<Sku, Policy> {
    let strict = |policy: &Policy| Policy {
        tracked: policy.tracked,
        ..Policy::default()
    };
    policies
        .iter()
        .map(|(sku, policy)| (sku.clone(), strict(policy)))
        .collect()
}

/// Gives the units back to everybody.
pub async fn release(batch: &Batch, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let mut tx = batch.begin().await?;
    let reservation = match settle(&mut tx, id, Status::Released, now).await? {
        Some(reservation) => {
            let changes: Vec<Change> = reservation.changes(Kind::Released).collect();
            ledger::post(&mut tx, &changes, now).await?;
            reservation
        }
        None => find_within(&mut tx, id, now).await?,
    };
    tx.commit().await?;
    match reservation.status {
        Status::Committed => Err(Error::Committed),
        _ => Ok(reservation),
    }
}

/// Ends what has lapsed, a bite at a time.
pub async fn sweep(db: &Db, batch: &Batch, now: DateTime<Utc>) -> Result<(), Error> {
    loop {
        // The oldest first, by the index: to look for the distinct ones first would be to look at all that are held.
        let sql = "select distinct reservation from (
                select reservation from allocations where expires_at <= $1 order by expires_at, sku limit $2
            ) as lapsed";
        let lapsed: Vec<(Uuid,)> = fetch_all!(db, sql, now, BITE)?;
        if lapsed.is_empty() {
            return Ok(());
        }
        let mut tx = batch.begin().await?;
        let changes = end(&mut tx, lapsed, now).await?;
        ledger::post(&mut tx, &changes, now).await?;
        tx.commit().await?;
        if changes.is_empty() {
            return Ok(());
        }
    }
}

/// Marks the lapsed reservations that hold one of these SKUs, and gives the changes that free their units.
pub(super) async fn expire(tx: &mut Tx, skus: &[Sku], now: DateTime<Utc>) -> Result<Vec<Change>, StorageError> {
    let lapsed: Vec<(Uuid,)> = fetch_in!(
        tx,
        "select distinct reservation from allocations where expires_at <= $1 and sku in",
        skus,
        now
    )?;
    end(tx, lapsed, now).await
}

async fn end(tx: &mut Tx, mut lapsed: Vec<(Uuid,)>, now: DateTime<Utc>) -> Result<Vec<Change>, StorageError> {
    lapsed.sort_unstable();
    let mut changes = Vec::new();
    for (id,) in lapsed {
        if let Some(reservation) = settle(tx, id, Status::Expired, now).await? {
            changes.extend(reservation.changes(Kind::Expired));
        }
    }
    Ok(changes)
}

/// Ends a reservation that is still held; none where somebody else was first. What has lapsed can no longer be
/// released, and nothing else expires. It can be committed: nobody else has its units yet.
async fn settle(
    tx: &mut Tx,
    id: Uuid,
    status: Status,
    now: DateTime<Utc>,
) -> Result<Option<Reservation>, StorageError> {
    let sql = "update reservations set status = $1
        where id = $2 and status = 'held' and (expires_at <= $3) in ($4, $5)
        returning id, order_id, status, lines, location, allocations, backordered, expires_at";
    let [lapsed, or_lapsed] = match status {
        Status::Expired => [true, true],
        Status::Released => [false, false],
        Status::Committed | Status::Held => [false, true],
    };
    let row: Option<Row> = fetch_optional!(tx, sql, status.as_str(), id, now, lapsed, or_lapsed)?;
    let Some(row) = row else { return Ok(None) };
    execute!(tx, "delete from allocations where reservation = $1", id)?;
    row.try_into().map(Some)
}
