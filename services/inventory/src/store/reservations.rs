//! Reservations. Every transaction here touches reservations before stock, and each of them in order.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use service::IdempotencyKey;
use storage::idempotency::{self, Known};
use storage::{Db, Error as StorageError, Json, Tx, execute, fetch_in, fetch_optional, is_conflict};
use uuid::Uuid;

use crate::domain::{Line, Request, Reservation, Shortage, Sku, Status};
use crate::error::Error;
use crate::store::stock;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    order_id: Uuid,
    #[sqlx(try_from = "String")]
    status: Status,
    lines: Json<Vec<Line>>,
    expires_at: DateTime<Utc>,
}

impl From<Row> for Reservation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            order: row.order_id,
            status: row.status,
            lines: row.lines.0,
            expires_at: row.expires_at,
        }
    }
}

const FIND: &str = "select id, order_id, status, lines, expires_at from reservations where id = $1";

/// The one with this id, as it is now.
pub async fn find(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<Option<Reservation>, StorageError> {
    let row: Option<Row> = fetch_optional!(db, FIND, id)?;
    Ok(row.map(|row| Reservation::from(row).at(now)))
}

/// Holds all lines of the request, or none; once for each key.
pub async fn insert(
    db: &Db,
    key: &IdempotencyKey,
    request: &Request,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Reservation, Error> {
    match try_insert(db, key, request, id, now).await {
        // Two requests with one key raced, and the other one's answer is there now.
        Err(Error::Internal(error)) if is_conflict(&error) => try_insert(db, key, request, id, now).await,
        answer => answer,
    }
}

async fn try_insert(
    db: &Db,
    key: &IdempotencyKey,
    request: &Request,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Reservation, Error> {
    let mut tx = db.begin().await?;
    let answer: Result<Reservation, Vec<Shortage>> = match idempotency::find(&mut tx, key.as_str(), request).await? {
        Known::Yes(answer) => answer,
        Known::Mismatch => return Err(Error::KeyReused),
        Known::No => {
            let answer = match hold(&mut tx, request, now).await? {
                shortages if shortages.is_empty() => Ok(request.held(id, now)),
                shortages => Err(shortages),
            };
            if let Ok(reservation) = &answer {
                record(&mut tx, reservation, now).await?;
            }
            idempotency::insert(&mut tx, key.as_str(), request, &answer, now).await?;
            tx.commit().await?;
            answer
        }
    };
    answer.map_err(Error::OutOfStock)
}

/// Holds the units of all lines, or of none and says which are short. What has lapsed is free first.
async fn hold(tx: &mut Tx, request: &Request, now: DateTime<Utc>) -> Result<Vec<Shortage>, StorageError> {
    let skus: Vec<Sku> = request.lines.iter().map(|line| line.sku.clone()).collect();
    let mut freed = expire(tx, &skus, now).await?;
    let wanted: BTreeMap<&Sku, (usize, &Line)> = request
        .lines
        .iter()
        .enumerate()
        .map(|(index, line)| (&line.sku, (index, line)))
        .collect();
    for sku in skus {
        freed.entry(sku).or_default();
    }

    let (mut held, mut shortages) = (Vec::new(), Vec::new());
    for (sku, units) in &freed {
        if *units > 0 {
            stock::free(tx, sku, *units).await?;
        }
        let Some((index, line)) = wanted.get(sku) else { continue };
        if stock::hold(tx, sku, line.quantity).await? {
            held.push(line);
        } else {
            let left = stock::left(tx, sku).await?;
            shortages.push(Shortage { line: *index, left });
        }
    }
    if !shortages.is_empty() {
        // Not by rolling back: the answer is kept with its key, and the lapsed stay freed.
        for line in held {
            stock::free(tx, &line.sku, line.quantity.get()).await?;
        }
    }
    shortages.sort_unstable_by_key(|shortage| shortage.line);
    Ok(shortages)
}

async fn record(tx: &mut Tx, reservation: &Reservation, now: DateTime<Utc>) -> Result<(), StorageError> {
    let Reservation {
        id,
        order,
        status,
        lines,
        expires_at,
    } = reservation;
    let sql = "insert into reservations (id, order_id, status, lines, expires_at, created_at)
        values ($1, $2, $3, $4, $5, $6)";
    execute!(tx, sql, id, order, status.as_str(), Json(lines), expires_at, now)?;
    for Line { sku, quantity } in lines {
        let sql = "insert into holds (sku, reservation, quantity, expires_at) values ($1, $2, $3, $4)";
        execute!(tx, sql, sku.as_str(), id, i64::from(quantity.get()), expires_at)?;
    }
    Ok(())
}

/// Takes the units from the shelf.
pub async fn commit(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let mut tx = db.begin().await?;
    for line in settle(&mut tx, id, Status::Committed, now).await? {
        stock::ship(&mut tx, &line.sku, line.quantity).await?;
    }
    let reservation = settled(tx, id, now).await?;
    match reservation.status {
        Status::Committed => Ok(reservation),
        status => Err(Error::Gone(status)),
    }
}

/// Gives the units back to everybody.
pub async fn release(db: &Db, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let mut tx = db.begin().await?;
    for line in settle(&mut tx, id, Status::Released, now).await? {
        stock::free(&mut tx, &line.sku, line.quantity.get()).await?;
    }
    let reservation = settled(tx, id, now).await?;
    match reservation.status {
        Status::Committed => Err(Error::Committed),
        _ => Ok(reservation),
    }
}

async fn settled(mut tx: Tx, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let row: Option<Row> = fetch_optional!(&mut tx, FIND, id)?;
    tx.commit().await?;
    row.map(|row| Reservation::from(row).at(now))
        .ok_or(Error::NotFound("reservation"))
}

/// Frees what lapsed reservations hold of a SKU.
pub(super) async fn sweep(db: &Db, sku: &Sku, now: DateTime<Utc>) -> Result<(), StorageError> {
    let mut tx = db.begin().await?;
    for (sku, units) in expire(&mut tx, std::slice::from_ref(sku), now).await? {
        stock::free(&mut tx, &sku, units).await?;
    }
    tx.commit().await
}

/// Marks the lapsed reservations that hold one of these SKUs, and gives the units to be freed, by SKU.
async fn expire(tx: &mut Tx, skus: &[Sku], now: DateTime<Utc>) -> Result<BTreeMap<Sku, u32>, StorageError> {
    let mut lapsed: Vec<(Uuid,)> = fetch_in!(
        tx,
        "select distinct reservation from holds where expires_at <= $1 and sku in",
        skus,
        now
    )?;
    lapsed.sort_unstable();
    let mut freed = BTreeMap::new();
    for (id,) in lapsed {
        for line in settle(tx, id, Status::Expired, now).await? {
            *freed.entry(line.sku).or_default() += line.quantity.get();
        }
    }
    Ok(freed)
}

/// Ends a reservation that is still held, and gives its lines in the order of their SKUs. None where
/// somebody else was first, or time: only what has lapsed becomes expired, and nothing else.
async fn settle(tx: &mut Tx, id: Uuid, status: Status, now: DateTime<Utc>) -> Result<Vec<Line>, StorageError> {
    let sql = "update reservations set status = $1
        where id = $2 and status = 'held' and (expires_at <= $3) = $4 returning lines";
    let lapsed = status == Status::Expired;
    let row: Option<(Json<Vec<Line>>,)> = fetch_optional!(tx, sql, status.as_str(), id, now, lapsed)?;
    let Some((Json(mut lines),)) = row else {
        return Ok(Vec::new());
    };
    execute!(tx, "delete from holds where reservation = $1", id)?;
    lines.sort_unstable_by(|a, b| a.sku.cmp(&b.sku));
    Ok(lines)
}
