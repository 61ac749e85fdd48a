//! Stock: by SKU and location on shelves, and the sum of each SKU.

use std::collections::BTreeMap;

use ::events::outbox;
use chrono::{DateTime, Utc};
use storage::{Batch, Db, Error as StorageError, Tx, execute, fetch_all, fetch_in, fetch_one, fetch_optional};
use uuid::Uuid;

use crate::domain::{AtLocation, Backorder, Change, Kind, Location, OnHand, Policy, Shelf, Sku, Stock, Units};
use crate::error::Error;
use crate::events::stock_changed;
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
    tracked: bool,
    #[sqlx(try_from = "String")]
    backorder: Backorder,
}

impl Row {
    fn policy(&self) -> Policy {
        Policy {
            tracked: self.tracked,
            backorder: self.backorder,
        }
    }
}

/// That of these SKUs, in their order. Units of lapsed reservations do not count as reserved.
pub async fn list(db: &Db, skus: &[Sku], now: DateTime<Utc>) -> Result<Vec<Stock>, StorageError> {
    let rows: Vec<Row> = fetch_in!(
        db,
        "select shelves.sku, location, shelves.on_hand, shelves.reserved - (
            select cast(coalesce(sum(quantity), 0) as bigint) from allocations
            where expires_at <= $1 and allocations.sku = shelves.sku and allocations.location = shelves.location
        ) as reserved, tracked, backorder
        from shelves join stock on stock.sku = shelves.sku where not removed and shelves.sku in",
        skus,
        now
    )?;
    let mut stocks: BTreeMap<Sku, (Policy, Vec<AtLocation>)> = BTreeMap::new();
    for row in rows {
        let policy = row.policy();
        let at_location = AtLocation::new(row.location, row.on_hand, row.reserved);
        let stock = stocks.entry(row.sku).or_insert_with(|| (policy, Vec::new()));
        stock.1.push(at_location);
    }
    for (_, locations) in stocks.values_mut() {
        locations.sort_unstable_by(|a, b| a.location.cmp(&b.location));
    }
    Ok(stocks
        .into_iter()
        .map(|(sku, (policy, locations))| Stock::new(sku, policy, locations))
        .collect())
}

/// That of one SKU.
pub async fn find(db: &Db, sku: &Sku, now: DateTime<Utc>) -> Result<Option<Stock>, StorageError> {
    Ok(list(db, std::slice::from_ref(sku), now).await?.pop())
}

/// What is to be changed of a SKU's stock; what is none stays as it is.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// So many are on hand
    pub on_hand: Option<OnHand>,
    /// Whether units are counted
    pub tracked: Option<bool>,
    /// Whether it may be bought when none is left
    pub backorder: Option<Backorder>,
}

/// Changes the stock on a shelf, which is made if it is new; never to less than what is held.
pub async fn update(batch: &Batch, shelf: &Shelf, update: Update, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = batch.begin().await?;
    let lapsed = reservations::expire(&mut tx, std::slice::from_ref(&shelf.sku), now).await?;
    ledger::post(&mut tx, &lapsed, now).await?;
    open(&mut tx, shelf).await?;
    if let Some(on_hand) = update.on_hand {
        count(&mut tx, shelf, on_hand.get().into(), now).await?;
    }
    decide(&mut tx, &shelf.sku, update, now).await?;
    Ok(tx.commit().await?)
}

async fn count(tx: &mut Tx, shelf: &Shelf, counted: i64, now: DateTime<Utc>) -> Result<(), Error> {
    let there = units(tx, shelf).await?;
    if counted < there.reserved {
        return Err(Error::Reserved(there.reserved));
    }
    if counted == there.on_hand {
        return Ok(());
    }
    let change = Change {
        shelf: shelf.clone(),
        kind: Kind::Counted,
        units: Kind::Counted.units(counted - there.on_hand),
        order: None,
        reservation: None,
    };
    ledger::post(tx, &[change], now).await
}

/// Sets what may be sold of a SKU, and tells those who wait for a change.
async fn decide(tx: &mut Tx, sku: &Sku, update: Update, now: DateTime<Utc>) -> Result<(), StorageError> {
    let sql = "update stock set removed = $1, tracked = coalesce($2, tracked), backorder = coalesce($3, backorder)
        where sku = $4 returning on_hand - reserved";
    let backorder = update.backorder.map(Backorder::as_str);
    let (available,): (i64,) = fetch_one!(&mut *tx, sql, false, update.tracked, backorder, sku.as_str())?;
    if update.tracked.is_some() || backorder.is_some() {
        outbox::insert_all(tx, &[stock_changed(sku, available, Uuid::now_v7(), now)]).await
    } else {
        Ok(())
    }
}

/// Takes a SKU's stock out: none is on hand, and nobody finds it. False where it has none.
pub async fn remove(batch: &Batch, sku: &Sku, now: DateTime<Utc>) -> Result<bool, Error> {
    let mut tx = batch.begin().await?;
    let lapsed = reservations::expire(&mut tx, std::slice::from_ref(sku), now).await?;
    ledger::post(&mut tx, &lapsed, now).await?;
    lock(&mut tx, sku).await?;
    let sql = "select location from shelves where sku = $1";
    let locations: Vec<(String,)> = fetch_all!(&mut tx, sql, sku.as_str())?;
    for (location,) in locations {
        let location = location
            .try_into()
            .map_err(|error: text::Flaw| StorageError::Decode(error.into()))?;
        let shelf = Shelf {
            sku: sku.clone(),
            location,
        };
        count(&mut tx, &shelf, 0, now).await?;
    }
    let sql = "update stock set removed = true where sku = $1 and not removed";
    let removed = execute!(&mut tx, sql, sku.as_str())?;
    tx.commit().await?;
    Ok(removed > 0)
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
    /// What may be sold of each SKU
    pub policies: BTreeMap<Sku, Policy>,
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
        "select shelves.sku, location, shelves.on_hand, shelves.reserved, tracked, backorder, exists (
            select 1 from allocations where expires_at <= $1 and allocations.sku = shelves.sku
        ) as has_lapsed
        from shelves join stock on stock.sku = shelves.sku where not removed and shelves.sku in",
        skus,
        now
    )?;
    let is_behind = rows.iter().any(|row| row.has_lapsed);
    let policies = rows.iter().map(|ShelfRow { row, .. }| (row.sku.clone(), row.policy()));
    let policies = policies.collect();
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
        policies,
        is_behind,
    })
}

#[derive(sqlx::FromRow)]
struct PolicyRow {
    #[sqlx(try_from = "String")]
    sku: Sku,
    tracked: bool,
    #[sqlx(try_from = "String")]
    backorder: Backorder,
}

/// What may be sold of these SKUs.
pub(super) async fn policies(tx: &mut Tx, skus: &[Sku]) -> Result<BTreeMap<Sku, Policy>, StorageError> {
    let rows: Vec<PolicyRow> = fetch_in!(tx, "select sku, tracked, backorder from stock where sku in", skus)?;
    let policy = |row: PolicyRow| {
        let PolicyRow {
            sku,
            tracked,
            backorder,
        } = row;
        (sku, Policy { tracked, backorder })
    };
    Ok(rows.into_iter().map(policy).collect())
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
