//! Stock.

use chrono::{DateTime, Utc};
use storage::{Db, Error as StorageError, Tx, execute, fetch_in, fetch_one, fetch_optional};

use crate::domain::{OnHand, Quantity, Sku, Stock};
use crate::error::Error;
use crate::store::reservations;

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    sku: Sku,
    #[sqlx(try_from = "i64")]
    on_hand: u32,
    #[sqlx(try_from = "i64")]
    reserved: u32,
}

impl From<Row> for Stock {
    fn from(row: Row) -> Self {
        Self::new(row.sku, row.on_hand, row.reserved)
    }
}

/// That of these SKUs, in no order. Units of lapsed reservations do not count as reserved.
pub async fn list(db: &Db, skus: &[Sku], now: DateTime<Utc>) -> Result<Vec<Stock>, StorageError> {
    let rows: Vec<Row> = fetch_in!(
        db,
        "select sku, on_hand, reserved - (
            select cast(coalesce(sum(quantity), 0) as bigint) from holds
            where holds.sku = stock.sku and holds.expires_at <= $1
        ) as reserved from stock where sku in",
        skus,
        now
    )?;
    Ok(rows.into_iter().map(Stock::from).collect())
}

/// That of one SKU.
pub async fn find(db: &Db, sku: &Sku, now: DateTime<Utc>) -> Result<Option<Stock>, StorageError> {
    Ok(list(db, std::slice::from_ref(sku), now).await?.pop())
}

/// Creates it, or sets what is on hand; never below what is held.
pub async fn update(db: &Db, sku: &Sku, on_hand: OnHand, now: DateTime<Utc>) -> Result<Stock, Error> {
    reservations::sweep(db, sku, now).await?;
    let mut tx = db.begin().await?;
    let sql = "insert into stock (sku, on_hand, reserved) values ($1, $2, 0)
        on conflict (sku) do update set on_hand = excluded.on_hand where stock.reserved <= excluded.on_hand
        returning sku, on_hand, reserved";
    let row: Option<Row> = fetch_optional!(&mut tx, sql, sku.as_str(), i64::from(on_hand.get()))?;
    if let Some(row) = row {
        tx.commit().await?;
        return Ok(row.into());
    }
    let sql = "select sku, on_hand, reserved from stock where sku = $1";
    let row: Row = fetch_one!(&mut tx, sql, sku.as_str())?;
    Err(Error::Reserved(row.reserved))
}

/// Holds units, if there are enough; says whether there were.
pub(super) async fn hold(tx: &mut Tx, sku: &Sku, quantity: Quantity) -> Result<bool, StorageError> {
    let sql = "update stock set reserved = reserved + $1 where sku = $2 and on_hand - reserved >= $1";
    let changed = execute!(tx, sql, i64::from(quantity.get()), sku.as_str())?;
    Ok(changed == 1)
}

/// Gives held units back to everybody.
pub(super) async fn free(tx: &mut Tx, sku: &Sku, units: u32) -> Result<(), StorageError> {
    let sql = "update stock set reserved = reserved - $1 where sku = $2";
    execute!(tx, sql, i64::from(units), sku.as_str()).map(drop)
}

/// Takes held units from the shelf.
pub(super) async fn ship(tx: &mut Tx, sku: &Sku, quantity: Quantity) -> Result<(), StorageError> {
    let sql = "update stock set reserved = reserved - $1, on_hand = on_hand - $1 where sku = $2";
    execute!(tx, sql, i64::from(quantity.get()), sku.as_str()).map(drop)
}

/// How many units could still be held; none of what nobody has counted.
pub(super) async fn left(tx: &mut Tx, sku: &Sku) -> Result<u32, StorageError> {
    let sql = "select sku, on_hand, reserved from stock where sku = $1";
    let row: Option<Row> = fetch_optional!(tx, sql, sku.as_str())?;
    Ok(row.map_or(0, |row| Stock::from(row).available))
}
