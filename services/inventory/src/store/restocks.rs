//! Restocks: units that came back.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use service::IdempotencyKey;
use storage::idempotency::{self, Known};
use storage::{Batch, Error as StorageError, Json, Tx, execute, fetch_all};
use uuid::Uuid;

use crate::domain::{Change, Line, Restock, Return, Shortage, Sku};
use crate::error::Error;
use crate::store::{again, ledger, stock};

/// Puts all lines back on the shelf, or none; once for each key.
pub async fn insert(
    batch: &Batch,
    key: &IdempotencyKey,
    goods: &Return,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Restock, Error> {
    let answer = again(|| try_insert(batch, key, goods, id, now)).await?;
    answer.map_err(Error::NotTaken)
}

type Taken = Result<Restock, Vec<Shortage>>;

async fn try_insert(
    batch: &Batch,
    key: &IdempotencyKey,
    goods: &Return,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Taken, Error> {
    let mut tx = batch.begin().await?;
    let answer = match idempotency::find(&mut tx, key.as_str(), goods).await? {
        Known::Yes(answer) => answer,
        Known::Mismatch => return Err(Error::KeyReused),
        Known::No => {
            let answer = put_back(&mut tx, goods, id, now).await?;
            idempotency::insert(&mut tx, key.as_str(), goods, &answer, now).await?;
            answer
        }
    };
    tx.commit().await?;
    Ok(answer)
}

async fn put_back(tx: &mut Tx, goods: &Return, id: Uuid, now: DateTime<Utc>) -> Result<Taken, Error> {
    let restock = Restock::new(goods, id, now);
    let mut changes: Vec<Change> = restock.changes().collect();
    changes.sort_unstable_by(|a, b| a.shelf.cmp(&b.shelf));
    for change in &changes {
        stock::lock(tx, &change.shelf.sku).await?;
    }
    let taken = taken(tx, goods).await?;
    let shortages = shortages(tx, goods, &taken).await?;
    if !shortages.is_empty() {
        return Ok(Err(shortages));
    }
    // Of what was not tracked, or has not been sent yet, nothing comes back.
    for change in &mut changes {
        let left = taken.get(change.shelf.sku.as_str()).copied().unwrap_or_default();
        change.units.on_hand = change.units.on_hand.min(left);
    }
    changes.retain(|change| change.units.on_hand > 0);
    for change in &changes {
        stock::open(tx, &change.shelf).await?;
    }
    ledger::post(tx, &changes, now).await?;
    record(tx, &restock).await?;
    Ok(Ok(restock))
}

/// How many units of each SKU the order has taken, and still has.
async fn taken(tx: &mut Tx, goods: &Return) -> Result<BTreeMap<String, i64>, StorageError> {
    let sql = "select sku, cast(-sum(on_hand) as bigint) from movements
        where order_id = $1 and kind in ('shipped', 'restocked') group by sku";
    let taken: Vec<(String, i64)> = fetch_all!(tx, sql, goods.order)?;
    Ok(taken.into_iter().collect())
}

/// The lines of which the order has not taken as much, or not any more, though it must have.
async fn shortages(tx: &mut Tx, goods: &Return, taken: &BTreeMap<String, i64>) -> Result<Vec<Shortage>, StorageError> {
    let skus: Vec<Sku> = goods.lines.iter().map(|line| line.sku.clone()).collect();
    let policies = stock::policies(tx, &skus).await?;
    let is_strict = |line: &Line| policies.get(&line.sku).copied().unwrap_or_default().is_strict();
    let mut shortages = Vec::new();
    for (index, line) in goods.lines.iter().enumerate().filter(|(_, line)| is_strict(line)) {
        let left = taken.get(line.sku.as_str()).copied().unwrap_or_default();
        let left = u32::try_from(left).unwrap_or_default();
        if left < line.quantity.get() {
            shortages.push(Shortage { line: index, left });
        }
    }
    Ok(shortages)
}

async fn record(tx: &mut Tx, restock: &Restock) -> Result<(), StorageError> {
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
