//! Restocks: units of orders that were returned.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use service::IdempotencyKey;
use storage::idempotency::{self, Replay};
use storage::{Batch, Error as StorageError, Json, Tx, execute, fetch_all};
use uuid::Uuid;

use crate::domain::{CreateRestock, LineItem, Restock, Shortage, Sku, StockChange};
use crate::error::Error;
use crate::store::{ledger, retry_on_conflict, stock};

/// Returns all lines to stock or none, once for each idempotency key.
pub async fn insert(
    batch: &Batch,
    key: &IdempotencyKey,
    request: &CreateRestock,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Restock, Error> {
    let answer = retry_on_conflict(|| try_insert(batch, key, request, id, now)).await?;
    answer.map_err(Error::NotTaken)
}

/// What is stored under the idempotency key: the restock, or why it was rejected.
type Answer = Result<Restock, Vec<Shortage>>;

async fn try_insert(
    batch: &Batch,
    key: &IdempotencyKey,
    request: &CreateRestock,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Answer, Error> {
    let mut tx = batch.begin().await?;
    let answer = match idempotency::find(&mut tx, key.as_str(), request).await? {
        Replay::Answered(answer) => answer,
        Replay::Mismatch => return Err(Error::KeyReused),
        Replay::New => {
            let answer = restock(&mut tx, request, id, now).await?;
            idempotency::insert(&mut tx, key.as_str(), request, &answer, now).await?;
            answer
        }
    };
    tx.commit().await?;
    Ok(answer)
}

async fn restock(tx: &mut Tx, request: &CreateRestock, id: Uuid, now: DateTime<Utc>) -> Result<Answer, Error> {
    let restock = Restock::new(request, id, now);
    let mut changes: Vec<StockChange> = restock.changes().collect();
    changes.sort_unstable_by(|a, b| a.shelf.cmp(&b.shelf));
    for change in &changes {
        stock::lock(tx, &change.shelf.sku).await?;
    }
    let taken = taken_units(tx, request).await?;
    let shortages = shortages(tx, request, &taken).await?;
    if !shortages.is_empty() {
        return Ok(Err(shortages));
    }
    // Untracked and backordered units were never taken from stock, so they are not put back.
    for change in &mut changes {
        let taken = taken.get(change.shelf.sku.as_str()).copied().unwrap_or_default();
        change.units.on_hand = change.units.on_hand.min(taken);
    }
    changes.retain(|change| change.units.on_hand > 0);
    for change in &changes {
        stock::ensure_shelf(tx, &change.shelf).await?;
    }
    ledger::post(tx, &changes, now).await?;
    insert_row(tx, &restock).await?;
    Ok(Ok(restock))
}

/// The units of each SKU that the order took and has not returned.
async fn taken_units(tx: &mut Tx, request: &CreateRestock) -> Result<BTreeMap<String, i64>, StorageError> {
    let sql = "select sku, cast(-sum(on_hand) as bigint) from movements
        where order_id = $1 and kind in ('shipped', 'restocked') group by sku";
    let taken: Vec<(String, i64)> = fetch_all!(tx, sql, request.order)?;
    Ok(taken.into_iter().collect())
}

/// The lines that return more units than the order took, of SKUs whose sales are limited to stock.
async fn shortages(
    tx: &mut Tx,
    request: &CreateRestock,
    taken: &BTreeMap<String, i64>,
) -> Result<Vec<Shortage>, StorageError> {
    let skus: Vec<Sku> = request.lines.iter().map(|line| line.sku.clone()).collect();
    let policies = stock::policies(tx, &skus).await?;
    let is_limited = |line: &LineItem| {
        let policy = policies.get(&line.sku).copied().unwrap_or_default();
        policy.is_limited_to_stock()
    };
    let mut shortages = Vec::new();
    for (index, line) in request.lines.iter().enumerate().filter(|(_, line)| is_limited(line)) {
        let remaining = taken.get(line.sku.as_str()).copied().unwrap_or_default();
        let remaining = u32::try_from(remaining).unwrap_or_default();
        if remaining < line.quantity.get() {
            shortages.push(Shortage { line: index, remaining });
        }
    }
    Ok(shortages)
}

async fn insert_row(tx: &mut Tx, restock: &Restock) -> Result<(), StorageError> {
    let sql = "insert into restocks (id, order_id, location, lines, reason, created_at)
        values ($1, $2, $3, $4, $5, $6)";
    execute!(
        tx,
        sql,
        restock.id,
        restock.order,
        restock.location.as_str(),
        Json(&restock.lines),
        restock.reason.as_str(),
        restock.restocked_at,
    )
    .map(drop)
}
