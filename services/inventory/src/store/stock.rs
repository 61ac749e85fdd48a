//! Stock: a row of `shelves` for each SKU and location, and a row of `stock` with the totals of each SKU.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use storage::{Db, Error as StorageError, Tx, execute, fetch_in, fetch_optional};

use crate::domain::{Backorder, InventoryLevel, Location, Shelf, Sku, Stock, StockChange, StockPolicy, Units};
use crate::error::Error;

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
    fn policy(&self) -> StockPolicy {
        StockPolicy {
            tracked: self.tracked,
            backorder: self.backorder,
        }
    }
}

/// Finds the stock of SKUs, sorted by SKU. Units of overdue reservations do not count as reserved.
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
    let mut stocks: BTreeMap<Sku, (StockPolicy, Vec<InventoryLevel>)> = BTreeMap::new();
    for row in rows {
        let policy = row.policy();
        let level = InventoryLevel::new(row.location, row.on_hand, row.reserved);
        let stock = stocks.entry(row.sku).or_insert_with(|| (policy, Vec::new()));
        stock.1.push(level);
    }
    for (_, levels) in stocks.values_mut() {
        levels.sort_unstable_by(|a, b| a.location.cmp(&b.location));
    }
    Ok(stocks
        .into_iter()
        .map(|(sku, (policy, levels))| Stock::new(sku, policy, levels))
        .collect())
}

/// Finds the stock of one SKU.
pub async fn find(db: &Db, sku: &Sku, now: DateTime<Utc>) -> Result<Option<Stock>, StorageError> {
    Ok(list(db, std::slice::from_ref(sku), now).await?.pop())
}

/// Creates the rows of a SKU at a location if they are missing, and locks the SKU's stock until the transaction ends.
pub(super) async fn ensure_shelf(tx: &mut Tx, shelf: &Shelf) -> Result<(), StorageError> {
    let sql = "insert into stock (sku, on_hand, reserved) values ($1, 0, 0)
        on conflict (sku) do update set reserved = stock.reserved";
    execute!(tx, sql, shelf.sku.as_str())?;
    let sql = "insert into shelves (sku, location, on_hand, reserved) values ($1, $2, 0, 0)
        on conflict (sku, location) do nothing";
    execute!(tx, sql, shelf.sku.as_str(), shelf.location.as_str()).map(drop)
}

/// Locks a SKU's stock until the transaction ends. Does nothing if the SKU has no stock.
pub(super) async fn lock(tx: &mut Tx, sku: &Sku) -> Result<(), StorageError> {
    let sql = "update stock set reserved = reserved where sku = $1";
    execute!(tx, sql, sku.as_str()).map(drop)
}

/// The units that can be reserved.
#[derive(Debug)]
pub(super) struct AvailableStock {
    /// Available units of each SKU at each location
    pub units: BTreeMap<Shelf, u32>,
    /// The policy of each SKU
    pub policies: BTreeMap<Sku, StockPolicy>,
    /// Whether overdue reservations still hold units of these SKUs
    pub has_overdue: bool,
}

#[derive(sqlx::FromRow)]
struct AvailableRow {
    #[sqlx(flatten)]
    row: Row,
    has_overdue: bool,
}

/// Computes the units of these SKUs that will be available once the given changes are made. It locks nothing: the units
/// may be gone when they are taken.
pub(super) async fn available(
    tx: &mut Tx,
    skus: &[Sku],
    changes: &[StockChange],
    now: DateTime<Utc>,
) -> Result<AvailableStock, StorageError> {
    let rows: Vec<AvailableRow> = fetch_in!(
        tx,
        "select shelves.sku, location, shelves.on_hand, shelves.reserved, tracked, backorder, exists (
            select 1 from allocations where expires_at <= $1 and allocations.sku = shelves.sku
        ) as has_overdue
        from shelves join stock on stock.sku = shelves.sku where not removed and shelves.sku in",
        skus,
        now
    )?;
    let has_overdue = rows.iter().any(|row| row.has_overdue);
    let policies = rows
        .iter()
        .map(|AvailableRow { row, .. }| (row.sku.clone(), row.policy()));
    let policies = policies.collect();
    let units = rows.into_iter().map(|AvailableRow { row, .. }| {
        let shelf = Shelf {
            sku: row.sku,
            location: row.location,
        };
        let changes = changes.iter().filter(|change| change.shelf == shelf);
        let sum: i64 = changes.map(|change| change.units.available()).sum();
        let available = i64::from(row.on_hand) - i64::from(row.reserved) + sum;
        (shelf, u32::try_from(available).unwrap_or_default())
    });
    Ok(AvailableStock {
        units: units.collect(),
        policies,
        has_overdue,
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

/// Finds the policies of SKUs.
pub(super) async fn policies(tx: &mut Tx, skus: &[Sku]) -> Result<BTreeMap<Sku, StockPolicy>, StorageError> {
    let rows: Vec<PolicyRow> = fetch_in!(tx, "select sku, tracked, backorder from stock where sku in", skus)?;
    let policy = |row: PolicyRow| {
        let PolicyRow {
            sku,
            tracked,
            backorder,
        } = row;
        (sku, StockPolicy { tracked, backorder })
    };
    Ok(rows.into_iter().map(policy).collect())
}

/// Changes the totals of a SKU, and returns the units that are available afterwards.
pub(super) async fn change_total(tx: &mut Tx, sku: &Sku, by: Units) -> Result<i64, Error> {
    let sql = "update stock set on_hand = on_hand + $1, reserved = reserved + $2
        where sku = $3 and reserved + $2 between 0 and on_hand + $1 returning on_hand - reserved";
    let row: Option<(i64,)> = fetch_optional!(tx, sql, by.on_hand, by.reserved, sku.as_str())?;
    row.map(|(available,)| available).ok_or(Error::Conflict)
}

/// Changes the level of a SKU at one location.
pub(super) async fn change_shelf(tx: &mut Tx, sku: &Sku, location: &Location, by: Units) -> Result<(), Error> {
    let sql = "update shelves set on_hand = on_hand + $1, reserved = reserved + $2
        where sku = $3 and location = $4 and reserved + $2 between 0 and on_hand + $1";
    match execute!(tx, sql, by.on_hand, by.reserved, sku.as_str(), location.as_str())? {
        1 => Ok(()),
        _ => Err(Error::Conflict),
    }
}
