//! Restocks: units that came back.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use service::IdempotencyKey;
use storage::idempotency::{self, Known};
use storage::{Batch, Error as StorageError, Json, Tx, execute, fetch_all};
use uuid::Uuid;

use crate::domain::{Change, Restock, Return, Shortage};
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
    let shortages = shortages(tx, goods).await?;
    if !shortages.is_empty() {
        return Ok(Err(shortages));
    }
    for change in &changes {
        stock::open(tx, &change.shelf).await?;
    }
    ledger::post(tx, &changes, now).await?;
    record(tx, &restock).await?;
    Ok(Ok(restock))
}

/// The lines of which the order has not taken as much, or not any more.
async fn shortages(tx: &mut Tx, goods: &Return) -> Result<Vec<Shortage>, StorageError> {
    let sql = "select sku, cast(-sum(on_hand) as bigint) from movements
        where order_id = $1 and kind in ('shipped', 'restocked') group by sku";
    let taken: Vec<(String, i64)> = fetch_all!(tx, sql, goods.order)?;
    let taken: BTreeMap<String, i64> = taken.into_iter().collect();
    let mut shortages = Vec::new();
    for (index, line) in goods.lines.iter().enumerate() {
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
