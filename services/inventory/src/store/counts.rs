//! Stock counts, and the policy of a SKU.

use ::events::outbox;
use chrono::{DateTime, Utc};
use storage::{Batch, Error as StorageError, Tx, execute, fetch_all, fetch_one};
use uuid::Uuid;

use crate::domain::{Backorder, MovementKind, OnHand, Shelf, Sku, StockChange, Units};
use crate::error::Error;
use crate::events::stock_changed;
use crate::store::{ledger, reservations, stock};

/// A change of a SKU's stock. `None` leaves a field as it is.
#[derive(Clone, Copy, Debug)]
pub struct StockUpdate {
    /// The units on hand at the location
    pub on_hand: Option<OnHand>,
    /// Whether units are counted
    pub tracked: Option<bool>,
    /// Whether the SKU can be bought when no unit is available
    pub backorder: Option<Backorder>,
}

/// Updates the stock of a SKU at a location, which is created if it is new.
///
/// # Errors
/// [`Error::UnitsReserved`] if fewer units would be on hand than are reserved.
pub async fn update(batch: &Batch, shelf: &Shelf, update: StockUpdate, now: DateTime<Utc>) -> Result<(), Error> {
    let mut tx = batch.begin().await?;
    let expired = reservations::expire_overdue(&mut tx, std::slice::from_ref(&shelf.sku), now).await?;
    ledger::post(&mut tx, &expired, now).await?;
    stock::ensure_shelf(&mut tx, shelf).await?;
    if let Some(on_hand) = update.on_hand {
        set_on_hand(&mut tx, shelf, on_hand.get().into(), now).await?;
    }
    set_policy(&mut tx, &shelf.sku, update, now).await?;
    Ok(tx.commit().await?)
}

async fn set_on_hand(tx: &mut Tx, shelf: &Shelf, counted: i64, now: DateTime<Utc>) -> Result<(), Error> {
    let recorded = units(tx, shelf).await?;
    if counted < recorded.reserved {
        return Err(Error::UnitsReserved(recorded.reserved));
    }
    if counted == recorded.on_hand {
        return Ok(());
    }
    let change = StockChange {
        shelf: shelf.clone(),
        kind: MovementKind::Counted,
        units: MovementKind::Counted.units(counted - recorded.on_hand),
        order: None,
        reservation: None,
    };
    ledger::post(tx, &[change], now).await
}

/// Sets the policy and publishes an event if it was part of the update.
async fn set_policy(tx: &mut Tx, sku: &Sku, update: StockUpdate, now: DateTime<Utc>) -> Result<(), StorageError> {
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

/// Deletes the stock of a SKU: sets the units on hand to zero at all locations and hides it. Returns false if there was
/// none.
///
/// # Errors
/// [`Error::UnitsReserved`] if units are reserved.
pub async fn delete(batch: &Batch, sku: &Sku, now: DateTime<Utc>) -> Result<bool, Error> {
    let mut tx = batch.begin().await?;
    let expired = reservations::expire_overdue(&mut tx, std::slice::from_ref(sku), now).await?;
    ledger::post(&mut tx, &expired, now).await?;
    stock::lock(&mut tx, sku).await?;
    let sql = "select location from shelves where sku = $1";
    let locations: Vec<(String,)> = fetch_all!(&mut tx, sql, sku.as_str())?;
    for (location,) in locations {
        let location = location
            .try_into()
            .map_err(|error: values::Malformed| StorageError::Decode(error.into()))?;
        let shelf = Shelf {
            sku: sku.clone(),
            location,
        };
        set_on_hand(&mut tx, &shelf, 0, now).await?;
    }
    let sql = "update stock set removed = true where sku = $1 and not removed";
    let removed = execute!(&mut tx, sql, sku.as_str())?;
    tx.commit().await?;
    Ok(removed > 0)
}

async fn units(tx: &mut Tx, shelf: &Shelf) -> Result<Units, StorageError> {
    let sql = "select on_hand, reserved from shelves where sku = $1 and location = $2";
    let (on_hand, reserved) = fetch_one!(tx, sql, shelf.sku.as_str(), shelf.location.as_str())?;
    Ok(Units { on_hand, reserved })
}
