//! Stock: by SKU and location on shelves, and the sum of each SKU.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use storage::{Batch, Db, Error as StorageError, Tx, execute, fetch_in, fetch_one, fetch_optional};

use crate::domain::{AtLocation, Change, Kind, Location, OnHand, Shelf, Sku, Stock, Units};
use crate::error::Error;
use crate::store::{ledger, reservations};

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    sku: Sku,
    #[sqlx(try_from = "String")]
    location: Location,
    #[sqlx(try_from = "i64")]
    on_hand: u32,
    #[sqlx(try_from = "i64")]
    reserved: u32,
}

/// That of these SKUs, in their order. Units of lapsed reservations do not count as reserved.
pub async fn list(db: &Db, skus: &[Sku], now: DateTime<Utc>) -> Result<Vec<Stock>, StorageError> {
    let rows: Vec<Row> = fetch_in!(
        db,
        "select sku, location, on_hand, reserved - (
            select cast(coalesce(sum(quantity), 0) as bigint) from allocations
            where expires_at <= $1 and allocations.sku = shelves.sku and allocations.location = shelves.location
        ) as reserved from shelves where sku in",
        skus,
        now
    )?;
    let mut stocks: BTreeMap<Sku, Vec<AtLocation>> = BTreeMap::new();
    for row in rows {
        let at_location = AtLocation::new(row.location, row.on_hand, row.reserved);
        stocks.entry(row.sku).or_default().push(at_location);
    }
    for locations in stocks.values_mut() {
        locations.sort_unstable_by(|a, b| a.location.cmp(&b.location));
    }
    Ok(stocks
        .into_iter()
        .map(|(sku, locations)| Stock::new(sku, locations))
        .collect())
}

/// That of one SKU.
pub async fn find(db: &Db, sku: &Sku, now: DateTime<Utc>) -> Result<Option<Stock>, StorageError> {
    Ok(list(db, std::slice::from_ref(sku), now).await?.pop())
}

/// Sets what is on hand on a shelf, which is made if it is new; never below what is held.
pub async fn update(batch: &Batch, shelf: &Shelf, on_hand: OnHand, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = batch.begin().await?;
    let lapsed = reservations::expire(&mut tx, std::slice::from_ref(&shelf.sku), now).await?;
    ledger::post(&mut tx, &lapsed, now).await?;
    open(&mut tx, shelf).await?;
    let there = units(&mut tx, shelf).await?;
    let counted = i64::from(on_hand.get());
    if counted < there.reserved {
        return Err(Error::Reserved(there.reserved));
    }
    if counted != there.on_hand {
        let change = Change {
            shelf: shelf.clone(),
            kind: Kind::Counted,
            units: Kind::Counted.units(counted - there.on_hand),
            order: None,
            reservation: None,
        };
        ledger::post(&mut tx, &[change], now).await?;
    }
    Ok(tx.commit().await?)
}

/// Makes sure that a shelf is there. From here on nobody else changes the SKU's stock.
pub(super) async fn open(tx: &mut Tx, shelf: &Shelf) -> Result<(), StorageError> {
    let sql = "insert into stock (sku, on_hand, reserved) values ($1, 0, 0)
        on conflict (sku) do update set reserved = stock.reserved";
    execute!(tx, sql, shelf.sku.as_str())?;
    let sql = "insert into shelves (sku, location, on_hand, reserved) values ($1, $2, 0, 0)
        on conflict (sku, location) do nothing";
    execute!(tx, sql, shelf.sku.as_str(), shelf.location.as_str()).map(drop)
}

/// Waits until the SKU's stock is ours alone; no harm where it has none.
pub(super) async fn lock(tx: &mut Tx, sku: &Sku) -> Result<(), StorageError> {
    let sql = "update stock set reserved = reserved where sku = $1";
    execute!(tx, sql, sku.as_str()).map(drop)
}

async fn units(tx: &mut Tx, shelf: &Shelf) -> Result<Units, StorageError> {
    let sql = "select on_hand, reserved from shelves where sku = $1 and location = $2";
    let (on_hand, reserved) = fetch_one!(tx, sql, shelf.sku.as_str(), shelf.location.as_str())?;
    Ok(Units { on_hand, reserved })
}

/// How many units could be held, by shelf.
#[derive(Debug)]
pub(super) struct Free {
    /// So many
    pub units: BTreeMap<Shelf, u32>,
    /// There are more: something has lapsed and is still reserved
    pub is_behind: bool,
}

#[derive(sqlx::FromRow)]
struct ShelfRow {
    #[sqlx(flatten)]
    row: Row,
    has_lapsed: bool,
}

/// Looks at the shelves of these SKUs as they are once these changes are made. Nothing is locked: who takes units may find
/// that they are gone.
pub(super) async fn free(
    tx: &mut Tx,
    skus: &[Sku],
    changes: &[Change],
    now: DateTime<Utc>,
) -> Result<Free, StorageError> {
    let rows: Vec<ShelfRow> = fetch_in!(
        tx,
        "select sku, location, on_hand, reserved, exists (
            select 1 from allocations where expires_at <= $1 and allocations.sku = shelves.sku
        ) as has_lapsed from shelves where sku in",
        skus,
        now
    )?;
    let is_behind = rows.iter().any(|row| row.has_lapsed);
    let units = rows.into_iter().map(|ShelfRow { row, .. }| {
        let shelf = Shelf {
            sku: row.sku,
            location: row.location,
        };
        let changes = changes.iter().filter(|change| change.shelf == shelf);
        let sum: i64 = changes.map(|change| change.units.available()).sum();
        let free = i64::from(row.on_hand) - i64::from(row.reserved) + sum;
        (shelf, u32::try_from(free).unwrap_or_default())
    });
    Ok(Free {
        units: units.collect(),
        is_behind,
    })
}

/// Changes the sum of a SKU, and says how many are available then.
pub(super) async fn shift(tx: &mut Tx, sku: &Sku, by: Units) -> Result<i64, Error> {
    let sql = "update stock set on_hand = on_hand + $1, reserved = reserved + $2
        where sku = $3 and reserved + $2 between 0 and on_hand + $1 returning on_hand - reserved";
    let row: Option<(i64,)> = fetch_optional!(tx, sql, by.on_hand, by.reserved, sku.as_str())?;
    row.map(|(available,)| available).ok_or(Error::Raced)
}

/// Changes one of its shelves.
pub(super) async fn shift_shelf(tx: &mut Tx, sku: &Sku, location: &Location, by: Units) -> Result<(), Error> {
    let sql = "update shelves set on_hand = on_hand + $1, reserved = reserved + $2
        where sku = $3 and location = $4 and reserved + $2 between 0 and on_hand + $1";
    match execute!(tx, sql, by.on_hand, by.reserved, sku.as_str(), location.as_str())? {
        1 => Ok(()),
        _ => Err(Error::Raced),
    }
}
