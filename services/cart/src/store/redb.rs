//! Carts in a redb file. A change is on disk before it is answered. Only one process at a time can open the file.

mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use uuid::Uuid;

use self::writer::{Outcome, Writer};
use super::error::{ChangeError, StoreError};
use crate::domain::{LIFETIME, StoredCart};

/// Carts as JSON, by id.
pub(super) const CARTS: TableDefinition<u128, &[u8]> = TableDefinition::new("carts");
/// The ids of carts by the time of their last change, in microseconds: the expired ones come first.
pub(super) const BY_CHANGE: TableDefinition<(i64, u128), ()> = TableDefinition::new("carts_by_change");
/// The most carts that one transaction deletes: changes wait for it.
pub(super) const SWEEP_BATCH: usize = 500;

/// The file.
#[derive(Debug)]
pub struct RedbStore {
    pub(super) db: Arc<Database>,
    writer: Writer,
}

impl RedbStore {
    /// Opens the file. Creates it and its folder if they are missing.
    pub async fn open(path: PathBuf) -> Result<Self, StoreError> {
        blocking(move || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let db = Database::create(path)?;
            let tx = db.begin_write()?;
            tx.open_table(CARTS)?;
            tx.open_table(BY_CHANGE)?;
            tx.commit()?;
            let db = Arc::new(db);
            let writer = Writer::new(Arc::clone(&db));
            Ok(Self { db, writer })
        })
        .await
    }

    /// Checks that the file can be read.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let db = Arc::clone(&self.db);
        blocking(move || Ok(db.begin_read().map(drop)?)).await
    }

    /// Finds a cart.
    pub async fn find(&self, id: Uuid) -> Result<Option<StoredCart>, StoreError> {
        let db = Arc::clone(&self.db);
        blocking(move || find(&db.begin_read()?.open_table(CARTS)?, id)).await
    }

    /// Inserts a cart.
    pub async fn insert(&self, stored: StoredCart) -> Result<(), StoreError> {
        let insert = move |tx: &WriteTransaction| put(tx, &stored).map(|()| Outcome::written(()));
        self.writer.write(insert).await
    }

    /// Reads these carts and writes those that `work` returns, atomically.
    pub async fn transact<const N: usize, T: Send + 'static>(
        &self,
        ids: [Uuid; N],
        work: impl FnOnce([Option<StoredCart>; N]) -> Result<(Vec<StoredCart>, T), ChangeError> + Send + 'static,
    ) -> Result<T, ChangeError> {
        let transact = move |tx: &WriteTransaction| {
            let mut found = [const { None }; N];
            for (found, id) in found.iter_mut().zip(ids) {
                *found = match find(&tx.open_table(CARTS)?, id) {
                    Ok(stored) => stored,
                    Err(error) => return Ok(Outcome::unwritten(Err(StoreError::from(error).into()))),
                };
            }
            match work(found) {
                Ok((changed, answer)) if !changed.is_empty() => {
                    changed.iter().try_for_each(|stored| put(tx, stored))?;
                    Ok(Outcome::written(answer))
                }
                rejected_or_unchanged => Ok(Outcome::unwritten(rejected_or_unchanged.map(|(_, answer)| answer))),
            }
        };
        self.writer.write(transact).await
    }

    /// Deletes expired carts, and returns their number.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut deleted = 0;
        loop {
            let db = Arc::clone(&self.db);
            let in_batch = blocking(move || sweep(&db, now)).await?;
            deleted += in_batch;
            if in_batch < SWEEP_BATCH {
                return Ok(deleted);
            }
        }
    }
}

/// Runs work that waits for the disk on a blocking thread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, redb::Error> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.unwrap_or_else(|error| Err(std::io::Error::other(error).into()));
    Ok(done?)
}

fn find(carts: &impl ReadableTable<u128, &'static [u8]>, id: Uuid) -> Result<Option<StoredCart>, redb::Error> {
    let Some(json) = carts.get(id.as_u128())? else {
        return Ok(None);
    };
    serde_json::from_slice(json.value())
        .map(Some)
        .map_err(|error| std::io::Error::from(error).into())
}

fn put(tx: &WriteTransaction, stored: &StoredCart) -> Result<(), redb::Error> {
    let (mut carts, mut by_change) = (tx.open_table(CARTS)?, tx.open_table(BY_CHANGE)?);
    if let Some(before) = find(&carts, stored.cart.id)? {
        by_change.remove(change_key(&before))?;
    }
    let json = serde_json::to_vec(stored).map_err(std::io::Error::from)?;
    carts.insert(stored.cart.id.as_u128(), json.as_slice())?;
    by_change.insert(change_key(stored), ())?;
    Ok(())
}

fn sweep(db: &Database, now: DateTime<Utc>) -> Result<usize, redb::Error> {
    let tx = db.begin_write()?;
    let expired: Vec<(i64, u128)> = tx
        .open_table(BY_CHANGE)?
        .range(..=((now - LIFETIME).timestamp_micros(), u128::MAX))?
        .take(SWEEP_BATCH)
        .map(|entry| entry.map(|(key, _)| key.value()))
        .collect::<Result<_, _>>()?;
    for key in &expired {
        tx.open_table(BY_CHANGE)?.remove(key)?;
        tx.open_table(CARTS)?.remove(key.1)?;
    }
    if expired.is_empty() {
        tx.abort()?;
    } else {
        tx.commit()?;
    }
    Ok(expired.len())
}

/// The cart's key in [`BY_CHANGE`].
fn change_key(StoredCart { cart, .. }: &StoredCart) -> (i64, u128) {
    (cart.updated_at.timestamp_micros(), cart.id.as_u128())
}
