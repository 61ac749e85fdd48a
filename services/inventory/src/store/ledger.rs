//! The ledger of movements. Stock changes here only.

use std::collections::BTreeMap;

use ::events::outbox;
use chrono::{DateTime, Utc};
use service::Limit;
use storage::{Db, Error as StorageError, Tx, execute, fetch_all};
use uuid::Uuid;

use crate::domain::{LedgerDifference, Location, Movement, MovementKind, Sku, StockChange, Units};
use crate::error::Error;
use crate::events::stock_changed;
use crate::store::stock;

/// Changes stock, records a movement for each change, and publishes an event for each SKU whose availability changed.
///
/// # Errors
/// [`Error::Conflict`] if there are fewer units than are taken; then the transaction must not be committed.
pub(super) async fn post(tx: &mut Tx, changes: &[StockChange], now: DateTime<Utc>) -> Result<(), Error> {
    let mut skus: BTreeMap<&Sku, BTreeMap<&Location, Units>> = BTreeMap::new();
    for change in changes {
        let shelves = skus.entry(&change.shelf.sku).or_default();
        *shelves.entry(&change.shelf.location).or_default() += change.units;
    }
    let mut events = Vec::new();
    for (sku, shelves) in skus {
        let mut total = Units::default();
        for units in shelves.values() {
            total += *units;
        }
        // The SKU's total first: it locks all of the SKU's levels.
        let available = stock::change_total(tx, sku, total).await?;
        for (location, units) in shelves {
            stock::change_shelf(tx, sku, location, units).await?;
        }
        if total.available() != 0 {
            events.push(stock_changed(sku, available, Uuid::now_v7(), now));
        }
    }
    for change in changes {
        insert(tx, change, now).await?;
    }
    Ok(outbox::insert_all(tx, &events).await?)
}

/// The id is made here, while the SKU is locked: so the ids of its movements are in the order in which they happened.
async fn insert(tx: &mut Tx, change: &StockChange, now: DateTime<Utc>) -> Result<(), StorageError> {
    let sql = "insert into movements (id, sku, location, kind, on_hand, reserved, order_id, reservation, moved_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let StockChange {
        shelf,
        kind,
        units,
        order,
        reservation,
    } = change;
    execute!(
        tx,
        sql,
        Uuid::now_v7(),
        shelf.sku.as_str(),
        shelf.location.as_str(),
        kind.as_str(),
        units.on_hand,
        units.reserved,
        order,
        reservation,
        now,
    )
    .map(drop)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    #[sqlx(try_from = "String")]
    sku: Sku,
    #[sqlx(try_from = "String")]
    location: Location,
    #[sqlx(try_from = "String")]
    kind: MovementKind,
    on_hand: i64,
    reserved: i64,
    order_id: Option<Uuid>,
    reservation: Option<Uuid>,
    moved_at: DateTime<Utc>,
}

impl From<Row> for Movement {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            sku: row.sku,
            location: row.location,
            kind: row.kind,
            quantity: row.on_hand.unsigned_abs().max(row.reserved.unsigned_abs()),
            on_hand: row.on_hand,
            reserved: row.reserved,
            order: row.order_id,
            reservation: row.reservation,
            at: row.moved_at,
        }
    }
}

macro_rules! list {
    ($filter:literal) => {
        concat!(
            "select id, sku, location, kind, on_hand, reserved, order_id, reservation, moved_at from movements where ",
            $filter,
            " id > $1 order by id limit $2"
        )
    };
}

/// Lists at most `limit` movements after the one with id `after`, optionally of one SKU and of one order.
pub async fn list(
    db: &Db,
    sku: Option<&Sku>,
    order: Option<Uuid>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Movement>, StorageError> {
    let (after, sku) = (after.unwrap_or_default(), sku.map(Sku::as_str));
    let rows: Vec<Row> = match (sku, order) {
        (None, None) => fetch_all!(db, list!(""), after, limit)?,
        (Some(sku), None) => fetch_all!(db, list!("sku = $3 and"), after, limit, sku)?,
        (None, Some(order)) => fetch_all!(db, list!("order_id = $3 and"), after, limit, order)?,
        (Some(sku), Some(order)) => fetch_all!(db, list!("sku = $3 and order_id = $4 and"), after, limit, sku, order)?,
    };
    Ok(rows.into_iter().map(Movement::from).collect())
}

#[derive(sqlx::FromRow)]
struct Balance {
    #[sqlx(try_from = "String")]
    sku: Sku,
    #[sqlx(try_from = "String")]
    location: Location,
    on_hand: i64,
    reserved: i64,
    total_on_hand: i64,
    total_reserved: i64,
    ledger_on_hand: i64,
    ledger_reserved: i64,
    held: i64,
}

/// One page of the ledger check.
#[derive(Debug)]
pub struct LedgerCheck {
    /// The differences that were found
    pub differences: Vec<LedgerDifference>,
    /// The number of SKUs that were checked
    pub skus: usize,
    /// The last of them if there are more SKUs
    pub next: Option<Sku>,
}

/// Compares stock, ledger and reservations of at most `limit` SKUs after `after`. It is one statement, so that all of
/// them are seen at the same moment.
pub async fn check(db: &Db, after: Option<&Sku>, limit: Limit<100, 1000>) -> Result<LedgerCheck, StorageError> {
    let sql = "with page as (
            select sku, on_hand, reserved from stock where sku > $1 order by sku limit $2
        ), moved as (
            select sku, location, cast(sum(on_hand) as bigint) as on_hand, cast(sum(reserved) as bigint) as reserved
            from movements where sku in (select sku from page) group by sku, location
        ), held as (
            select sku, location, cast(sum(quantity) as bigint) as quantity
            from allocations where sku in (select sku from page) group by sku, location
        )
        select shelves.sku, shelves.location, shelves.on_hand, shelves.reserved,
            page.on_hand as total_on_hand, page.reserved as total_reserved,
            opening_on_hand + coalesce(moved.on_hand, 0) as ledger_on_hand,
            opening_reserved + coalesce(moved.reserved, 0) as ledger_reserved,
            coalesce(held.quantity, 0) as held
        from page join shelves on shelves.sku = page.sku
            left join moved on moved.sku = shelves.sku and moved.location = shelves.location
            left join held on held.sku = shelves.sku and held.location = shelves.location
        order by shelves.sku, shelves.location";
    let after = after.map_or("", Sku::as_str);
    let rows: Vec<Balance> = fetch_all!(db, sql, after, limit.rows_and_one())?;
    // In the database's order, which may differ from Rust's.
    let mut skus: Vec<(Sku, Vec<Balance>)> = Vec::new();
    for row in rows {
        match skus.last_mut() {
            Some((sku, shelves)) if *sku == row.sku => shelves.push(row),
            _ => skus.push((row.sku.clone(), vec![row])),
        }
    }
    let (skus, next) = limit.page(skus, |(sku, _)| sku.clone());
    Ok(LedgerCheck {
        skus: skus.len(),
        next,
        differences: skus.into_iter().flat_map(differences).collect(),
    })
}

fn differences((sku, shelves): (Sku, Vec<Balance>)) -> Vec<LedgerDifference> {
    let mut total = LedgerDifference {
        sku: sku.clone(),
        location: None,
        stock: Units::default(),
        ledger: Units::default(),
        held: 0,
    };
    let mut found = Vec::new();
    for row in shelves {
        let (on_hand, reserved) = (row.ledger_on_hand, row.ledger_reserved);
        let at_location = LedgerDifference {
            sku: sku.clone(),
            location: Some(row.location),
            stock: Units {
                on_hand: row.on_hand,
                reserved: row.reserved,
            },
            ledger: Units { on_hand, reserved },
            held: row.held,
        };
        total.stock = Units {
            on_hand: row.total_on_hand,
            reserved: row.total_reserved,
        };
        total.ledger += at_location.ledger;
        total.held += at_location.held;
        found.push(at_location);
    }
    found.push(total);
    found.retain(|difference| !difference.is_none());
    found
}
