//! Reservations whose orders await payment: they expire sooner, and one client may hold no more than a share.

use chrono::{DateTime, TimeDelta, Utc};
use storage::{Batch, Error as StorageError, Tx, execute, fetch_in, fetch_optional};
use uuid::Uuid;

use super::{Row, expire_all, find_in, skus};
use crate::domain::{AwaitPayment, Reservation};
use crate::error::Error;
use crate::store::{ledger, stock};

/// Shortens a held reservation, and expires it if its client then holds more than a share of a SKU.
pub async fn await_payment(
    batch: &Batch,
    id: Uuid,
    request: &AwaitPayment,
    share_percent: u32,
    now: DateTime<Utc>,
) -> Result<Reservation, Error> {
    let mut tx = batch.begin().await?;
    let client = request.client.to_string();
    let expires_at = now + TimeDelta::seconds(request.expires_in_seconds.get().into());
    let reservation = match shorten(&mut tx, id, &client, expires_at, now).await? {
        Some(held) if exceeds_share(&mut tx, &held, &client, share_percent, now).await? => {
            expire_now(&mut tx, id, now).await?
        }
        Some(held) => held,
        None => find_in(&mut tx, id, now).await?,
    };
    tx.commit().await?;
    Ok(reservation)
}

/// Makes a held reservation of this client expire at `expires_at` at the latest. `None` if it is not held.
async fn shorten(
    tx: &mut Tx,
    id: Uuid,
    client: &str,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Reservation>, StorageError> {
    let sql = "update reservations set expires_at = case when expires_at < $1 then expires_at else $1 end
        where id = $2 and status = 'held' and expires_at > $3
        returning id, order_id, status, lines, location, allocations, backordered, expires_at";
    let row: Option<Row> = fetch_optional!(tx, sql, expires_at, id, now)?;
    let held: Option<Reservation> = row.map(Reservation::try_from).transpose()?;
    if let Some(held) = &held {
        let sql = "update allocations set client = $1, expires_at = $2 where reservation = $3";
        execute!(tx, sql, client, held.expires_at, id)?;
    }
    Ok(held)
}

/// Whether the client's unpaid orders hold more than their share of any of the reservation's SKUs.
async fn exceeds_share(
    tx: &mut Tx,
    held: &Reservation,
    client: &str,
    share_percent: u32,
    now: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let mut skus = skus(&held.lines);
    skus.sort_unstable();
    for sku in &skus {
        stock::lock(tx, sku).await?;
    }
    let exceeded: Vec<(String,)> = fetch_in!(
        tx,
        "select sku from stock where (
            select cast(coalesce(sum(quantity), 0) as bigint) from allocations
            where allocations.sku = stock.sku and client = $1 and expires_at > $2
        ) > case when on_hand * $3 < 100 then 1 else on_hand * $3 / 100 end and sku in",
        &skus,
        client,
        now,
        i64::from(share_percent)
    )?;
    Ok(!exceeded.is_empty())
}

/// Expires a held reservation before its time.
async fn expire_now(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let sql = "update reservations set expires_at = $1 where id = $2 and status = 'held'";
    execute!(tx, sql, now, id)?;
    let changes = expire_all(tx, vec![(id,)], now).await?;
    ledger::post(tx, &changes, now).await?;
    find_in(tx, id, now).await
}
