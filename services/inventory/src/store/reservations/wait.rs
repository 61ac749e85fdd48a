//! Reservations of orders that wait for their shopper to pay: they end sooner, and one client has no more than a share.

use chrono::{DateTime, TimeDelta, Utc};
use storage::{Batch, Error as StorageError, Tx, execute, fetch_in, fetch_optional};
use uuid::Uuid;

use super::{Row, end, find_within, skus};
use crate::domain::{Reservation, Wait};
use crate::error::Error;
use crate::store::{ledger, stock};

/// Holds the units of an order that has not been paid yet for a while, if they are not more than one client's share.
pub async fn wait(
    batch: &Batch,
    id: Uuid,
    wait: &Wait,
    percent: u32,
    now: DateTime<Utc>,
) -> Result<Reservation, Error> {
    let mut tx = batch.begin().await?;
    let until = now + TimeDelta::seconds(wait.expires_in_seconds.get().into());
    let reservation = match shorten(&mut tx, id, &wait.client.to_string(), until, now).await? {
        Some(held) if is_too_much(&mut tx, &held, &wait.client.to_string(), percent, now).await? => {
            lapse(&mut tx, id, now).await?
        }
        Some(held) => held,
        None => find_within(&mut tx, id, now).await?,
    };
    tx.commit().await?;
    Ok(reservation)
}

/// Ends what is held no later than that, for this client; none where it is not held.
async fn shorten(
    tx: &mut Tx,
    id: Uuid,
    client: &str,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Reservation>, StorageError> {
    let sql = "update reservations set expires_at = case when expires_at < $1 then expires_at else $1 end
        where id = $2 and status = 'held' and expires_at > $3
        returning id, order_id, status, lines, location, allocations, backordered, expires_at";
    let row: Option<Row> = fetch_optional!(tx, sql, until, id, now)?;
    let held: Option<Reservation> = row.map(Reservation::try_from).transpose()?;
    if let Some(held) = &held {
        let sql = "update allocations set client = $1, expires_at = $2 where reservation = $3";
        execute!(tx, sql, client, held.expires_at, id)?;
    }
    Ok(held)
}

/// Whether its client holds more of one of its SKUs than the share of one.
async fn is_too_much(
    tx: &mut Tx,
    held: &Reservation,
    client: &str,
    percent: u32,
    now: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let mut skus = skus(&held.lines);
    skus.sort_unstable();
    for sku in &skus {
        stock::lock(tx, sku).await?;
    }
    let beyond: Vec<(String,)> = fetch_in!(
        tx,
        "select sku from stock where (
            select cast(coalesce(sum(quantity), 0) as bigint) from allocations
            where allocations.sku = stock.sku and client = $1 and expires_at > $2
        ) > case when on_hand * $3 < 100 then 1 else on_hand * $3 / 100 end and sku in",
        &skus,
        client,
        now,
        i64::from(percent)
    )?;
    Ok(!beyond.is_empty())
}

/// Lets a reservation expire before its time.
async fn lapse(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<Reservation, Error> {
    let sql = "update reservations set expires_at = $1 where id = $2 and status = 'held'";
    execute!(tx, sql, now, id)?;
    let changes = end(tx, vec![(id,)], now).await?;
    ledger::post(tx, &changes, now).await?;
    find_within(tx, id, now).await
}
