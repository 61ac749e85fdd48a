//! Carts in a [redb](https://docs.rs/redb) file. A change is on the disk before it is answered.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Weak};

use chrono::{DateTime, Utc};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use uuid::Uuid;

use crate::domain::{Cart, LIFE, Lines, Violation};
use crate::error::Error;

/// Carts as JSON, by id.
const CARTS: TableDefinition<u128, &[u8]> = TableDefinition::new("carts");
/// The same by the time of their last change, in microseconds: the expired ones stand in front.
const BY_CHANGE: TableDefinition<(i64, u128), ()> = TableDefinition::new("carts_by_change");
/// Carts swept in one transaction, at most: shoppers wait for it.
const SWEPT_AT_ONCE: usize = 500;

/// Where the carts are: `redb:<path>`.
#[derive(Clone, Debug)]
pub struct StoreUrl(PathBuf);

impl FromStr for StoreUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("redb:") {
            Some(path) if !path.is_empty() => Ok(Self(path.into())),
            _ => Err(format!("{text}: not redb:<path>")),
        }
    }
}

/// The carts.
#[derive(Clone)]
pub struct Store(Arc<Database>);

/// A store, for as long as somebody else holds it.
pub struct Borrowed(Weak<Database>);

impl Borrowed {
    /// The store, if it is still open.
    pub fn upgrade(&self) -> Option<Store> {
        self.0.upgrade().map(Store)
    }
}

impl Store {
    /// Opens the file; it and its folder are created.
    pub async fn open(StoreUrl(path): StoreUrl) -> Result<Self, redb::Error> {
        blocking(move || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let db = Database::create(path)?;
            let tx = db.begin_write()?;
            tx.open_table(CARTS)?;
            tx.open_table(BY_CHANGE)?;
            tx.commit()?;
            Ok(Self(Arc::new(db)))
        })
        .await
    }

    /// The store without a claim on it.
    pub fn downgrade(&self) -> Borrowed {
        Borrowed(Arc::downgrade(&self.0))
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<(), redb::Error> {
        let db = Arc::clone(&self.0);
        blocking(move || Ok(db.begin_read().map(drop)?)).await
    }

    /// The one with this id, unless it has expired.
    pub async fn find(&self, id: Uuid, now: DateTime<Utc>) -> Result<Option<Cart>, Error> {
        let db = Arc::clone(&self.0);
        let cart = blocking(move || find(&db.begin_read()?.open_table(CARTS)?, id, now)).await?;
        Ok(cart)
    }

    /// Adds a cart.
    pub async fn insert(&self, cart: Cart) -> Result<Cart, Error> {
        let db = Arc::clone(&self.0);
        let cart = blocking(move || {
            let tx = db.begin_write()?;
            put(&tx, &cart)?;
            tx.commit()?;
            Ok(cart)
        })
        .await?;
        Ok(cart)
    }

    /// Changes the lines of a cart. Changes come one after the other; none is lost.
    pub async fn update(
        &self,
        id: Uuid,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Lines) -> Result<(), Violation> + Send + 'static,
    ) -> Result<Cart, Error> {
        let db = Arc::clone(&self.0);
        blocking(move || {
            let tx = db.begin_write()?;
            let Some(before) = find(&tx.open_table(CARTS)?, id, now)? else {
                return Ok(Err(Error::NotFound("cart")));
            };
            let cart = match before.changed(now, change) {
                Ok(cart) => cart,
                Err(violation) => return Ok(Err(Error::Invalid(violation))),
            };
            tx.open_table(BY_CHANGE)?.remove(place(&before))?;
            put(&tx, &cart)?;
            tx.commit()?;
            Ok(Ok(cart))
        })
        .await?
    }

    /// Deletes what has expired, and says how many that were.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<usize, redb::Error> {
        let mut swept = 0;
        loop {
            let db = Arc::clone(&self.0);
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
) -> Result<T, redb::Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(std::io::Error::other(error).into()))
}

fn find(
    carts: &impl ReadableTable<u128, &'static [u8]>,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Cart>, redb::Error> {
    let Some(json) = carts.get(id.as_u128())? else {
        return Ok(None);
    };
    let cart: Cart = serde_json::from_slice(json.value()).map_err(|error| redb::Error::Corrupted(error.to_string()))?;
    Ok(Some(cart).filter(|cart| cart.is_alive(now)))
}

fn put(tx: &WriteTransaction, cart: &Cart) -> Result<(), redb::Error> {
    let json = serde_json::to_vec(cart).map_err(std::io::Error::from)?;
    tx.open_table(CARTS)?.insert(cart.id.as_u128(), json.as_slice())?;
    tx.open_table(BY_CHANGE)?.insert(place(cart), ())?;
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
    match expired.is_empty() {
        true => tx.abort()?,
        false => tx.commit()?,
    }
    Ok(expired.len())
}

fn place(cart: &Cart) -> (i64, u128) {
    (cart.updated_at.timestamp_micros(), cart.id.as_u128())
}

#[cfg(test)]
mod tests;
