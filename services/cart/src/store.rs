//! Carts in a [redb](https://docs.rs/redb) file or in Redis, behind one interface. This module and the domain decide how
//! carts change; a backend only reads some carts and writes them back, all or none.

mod error;
mod redb;
mod redis;

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Weak};

use ::redis::{ConnectionInfo, IntoConnectionInfo};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use self::error::{ChangeError, StoreError};
use self::redb::RedbStore;
use self::redis::RedisStore;
use crate::domain::{Cart, CartChange, ExpectedVersions, Rejection, StoredCart};

/// The address of the store: `redb:<path>` or `redis://<host>:<port>/<database>`.
#[derive(Clone, Debug)]
pub struct StoreUrl(Address);

#[derive(Clone, Debug)]
enum Address {
    Redb(PathBuf),
    Redis(ConnectionInfo),
}

impl FromStr for StoreUrl {
    type Err = String;

    /// The error does not quote the text, which may contain a password.
    fn from_str(text: &str) -> Result<Self, String> {
        let malformed = || "not redb:<path> or redis://<host>:<port>/<database>".to_owned();
        match text.split_once(':') {
            Some(("redb", path)) if !path.is_empty() => Ok(Self(Address::Redb(path.into()))),
            Some(("redis" | "valkey", _)) => {
                let info = text.into_connection_info().map_err(|_| malformed())?;
                Ok(Self(Address::Redis(info)))
            }
            _ => Err(malformed()),
        }
    }
}

#[derive(Debug)]
enum Backend {
    Redb(RedbStore),
    Redis(RedisStore),
}

/// The store of carts.
#[derive(Clone, Debug)]
pub struct Store(Arc<Backend>);

/// A reference that does not keep the store open.
pub struct WeakStore(Weak<Backend>);

impl WeakStore {
    /// Returns the store if it is still open.
    pub fn upgrade(&self) -> Option<Store> {
        self.0.upgrade().map(Store)
    }
}

impl Store {
    /// Opens the file, which is created with its folder, or connects to the server.
    pub async fn open(StoreUrl(address): StoreUrl) -> Result<Self, StoreError> {
        let backend = match address {
            Address::Redb(path) => Backend::Redb(RedbStore::open(path).await?),
            Address::Redis(info) => Backend::Redis(RedisStore::open(info).await?),
        };
        Ok(Self(Arc::new(backend)))
    }

    /// Returns a reference that does not keep the store open.
    pub fn downgrade(&self) -> WeakStore {
        WeakStore(Arc::downgrade(&self.0))
    }

    /// Checks that the store answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        match &*self.0 {
            Backend::Redb(redb) => redb.ping().await,
            Backend::Redis(redis) => redis.ping().await,
        }
    }

    /// Finds a cart that has not expired.
    pub async fn find(&self, id: Uuid, now: DateTime<Utc>) -> Result<Option<Cart>, StoreError> {
        let found = match &*self.0 {
            Backend::Redb(redb) => redb.find(id).await?,
            Backend::Redis(redis) => redis.find(id).await?,
        };
        Ok(found.map(|stored| stored.cart).filter(|cart| cart.is_alive(now)))
    }

    /// Inserts a cart.
    pub async fn insert(&self, cart: Cart) -> Result<Cart, StoreError> {
        let stored = StoredCart::from(cart.clone());
        match &*self.0 {
            Backend::Redb(redb) => redb.insert(stored).await?,
            Backend::Redis(redis) => redis.insert(&stored).await?,
        }
        Ok(cart)
    }

    /// Changes the lines of a cart. Concurrent changes are applied one after the other; none is lost.
    pub async fn update(
        &self,
        id: Uuid,
        now: DateTime<Utc>,
        change: CartChange,
        expected: ExpectedVersions,
    ) -> Result<Cart, ChangeError> {
        self.transact([id], now, move |[found]| {
            let stored = found.ok_or(ChangeError::NotFound)?;
            Ok(match stored.changed(&change, &expected, now)? {
                Some(changed) => (vec![changed.clone()], changed.cart),
                None => (Vec::new(), stored.cart),
            })
        })
        .await
    }

    /// Moves all lines of the cart `from` into another one. An expired cart counts as empty.
    pub async fn merge(
        &self,
        id: Uuid,
        from: Uuid,
        now: DateTime<Utc>,
        expected: ExpectedVersions,
    ) -> Result<Cart, ChangeError> {
        if id == from {
            return Err(Rejection::MergedWithItself.into());
        }
        self.transact([id, from], now, move |[into, from]| {
            let into = into.ok_or(ChangeError::NotFound)?;
            let merged = from.map(|from| into.merged(&from, &expected, now)).transpose()?;
            Ok(match merged.flatten() {
                Some((merged, emptied)) => (vec![merged.clone(), emptied], merged.cart),
                None => (Vec::new(), into.cart),
            })
        })
        .await
    }

    /// Deletes expired carts, and returns their number. Redis expires them itself.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        match &*self.0 {
            Backend::Redb(redb) => redb.sweep(now).await,
            Backend::Redis(_) => Ok(0),
        }
    }

    /// Reads these carts and writes those that `work` returns, atomically. `work` may be called again if a concurrent
    /// change came first.
    async fn transact<const N: usize, T: Send + 'static>(
        &self,
        ids: [Uuid; N],
        now: DateTime<Utc>,
        work: impl Fn([Option<StoredCart>; N]) -> Result<(Vec<StoredCart>, T), ChangeError> + Send + 'static,
    ) -> Result<T, ChangeError> {
        let alive = move |found: Option<StoredCart>| found.filter(|stored| stored.cart.is_alive(now));
        let work = move |found: [Option<StoredCart>; N]| work(found.map(alive));
        match &*self.0 {
            Backend::Redb(redb) => redb.transact(ids, work).await,
            Backend::Redis(redis) => redis.transact(ids, work).await,
        }
    }
}

#[cfg(test)]
mod tests;
