//! Carts in a file. A change is on the disk before it is answered; one process at a time has the file.

mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use uuid::Uuid;

use self::writer::{Done, Writer};
use super::Failure;
use crate::domain::{Entry, LIFE};
use crate::error::Error;

/// Carts as JSON, by id.
pub(super) const CARTS: TableDefinition<u128, &[u8]> = TableDefinition::new("carts");
/// The same by the time of their last change, in microseconds: the expired ones stand in front.
pub(super) const BY_CHANGE: TableDefinition<(i64, u128), ()> = TableDefinition::new("carts_by_change");
/// Carts swept in one transaction, at most: shoppers wait for it.
pub(super) const SWEPT_AT_ONCE: usize = 500;

/// The file.
#[derive(Debug)]
pub struct File {
    pub(super) db: Arc<Database>,
    writer: Writer,
}

impl File {
    /// Opens it; it and its folder are created.
    pub async fn open(path: PathBuf) -> Result<Self, Failure> {
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

    /// Whether it can be read.
    pub async fn ping(&self) -> Result<(), Failure> {
        let db = Arc::clone(&self.db);
        blocking(move || Ok(db.begin_read().map(drop)?)).await
    }

    /// The cart with this id.
    pub async fn find(&self, id: Uuid) -> Result<Option<Entry>, Failure> {
        let db = Arc::clone(&self.db);
        blocking(move || find(&db.begin_read()?.open_table(CARTS)?, id)).await
    }

    /// Adds a cart.
    pub async fn insert(&self, entry: Entry) -> Result<(), Error> {
        let insert = move |tx: &WriteTransaction| put(tx, &entry).map(|()| Done::written(()));
        self.writer.write(insert).await
    }

    /// Reads carts and puts others in their places.
    pub async fn transact<const N: usize, T: Send + 'static>(
        &self,
        ids: [Uuid; N],
        work: impl FnOnce([Option<Entry>; N]) -> Result<(Vec<Entry>, T), Error> + Send + 'static,
    ) -> Result<T, Error> {
        let transact = move |tx: &WriteTransaction| {
            let mut found = [const { None }; N];
            for (found, id) in found.iter_mut().zip(ids) {
                *found = match find(&tx.open_table(CARTS)?, id) {
                    Ok(entry) => entry,
                    Err(error) => return Ok(Done::unwritten(Err(Failure::from(error).into()))),
                };
            }
            match work(found) {
                Ok((entries, answer)) if !entries.is_empty() => {
                    entries.iter().try_for_each(|entry| put(tx, entry))?;
                    Ok(Done::written(answer))
                }
                refused_or_same => Ok(Done::unwritten(refused_or_same.map(|(_, answer)| answer))),
            }
        };
        self.writer.write(transact).await
    }

    /// Deletes what has expired, and says how many that were.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<usize, Failure> {
        let mut swept = 0;
        loop {
            let db = Arc::clone(&self.db);
            let few = blocking(move || sweep(&db, now)).await?;
            swept += few;
            if few < SWEPT_AT_ONCE {
                return Ok(swept);
            }
        }
    }
}

/// Runs work that waits for the disk on a thread of its own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, redb::Error> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.unwrap_or_else(|error| Err(std::io::Error::other(error).into()));
    Ok(done?)
}

fn find(carts: &impl ReadableTable<u128, &'static [u8]>, id: Uuid) -> Result<Option<Entry>, redb::Error> {
    let Some(json) = carts.get(id.as_u128())? else {
        return Ok(None);
    };
    serde_json::from_slice(json.value())
        .map(Some)
        .map_err(|error| std::io::Error::from(error).into())
}

fn put(tx: &WriteTransaction, entry: &Entry) -> Result<(), redb::Error> {
    let (mut carts, mut places) = (tx.open_table(CARTS)?, tx.open_table(BY_CHANGE)?);
    if let Some(before) = find(&carts, entry.cart.id)? {
        places.remove(place(&before))?;
    }
    let json = serde_json::to_vec(entry).map_err(std::io::Error::from)?;
    carts.insert(entry.cart.id.as_u128(), json.as_slice())?;
    places.insert(place(entry), ())?;
    Ok(())
}

fn sweep(db: &Database, now: DateTime<Utc>) -> Result<usize, redb::Error> {
    let tx = db.begin_write()?;
    let expired: Vec<(i64, u128)> = tx
        .open_table(BY_CHANGE)?
        .range(..=((now - LIFE).timestamp_micros(), u128::MAX))?
        .take(SWEPT_AT_ONCE)
        .map(|entry| entry.map(|(place, _)| place.value()))
        .collect::<Result<_, _>>()?;
    for place in &expired {
        tx.open_table(BY_CHANGE)?.remove(place)?;
        tx.open_table(CARTS)?.remove(place.1)?;
    }
    if expired.is_empty() {
        tx.abort()?;
    } else {
        tx.commit()?;
    }
    Ok(expired.len())
}

fn place(Entry { cart, .. }: &Entry) -> (i64, u128) {
    (cart.updated_at.timestamp_micros(), cart.id.as_u128())
}
