//! Carts, in a [redb](https://docs.rs/redb) file or in Redis: callers cannot tell. What becomes of carts is decided
//! here and in the domain, once for both; a store only reads some of them and writes them back, all or none.

mod redb;
mod redis;

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Weak};

use ::redis::{ConnectionInfo, IntoConnectionInfo};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use self::redb::File;
use self::redis::Server;
use crate::domain::{Cart, Change, Entry, Expected, Violation};
use crate::error::Error;

/// Where the carts are: `redb:<path>` or `redis://<host>:<port>/<database>`.
#[derive(Clone, Debug)]
pub struct StoreUrl(Place);

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Server(ConnectionInfo),
}

impl FromStr for StoreUrl {
    type Err = String;

    /// An error does not quote the text: there may be a password in it.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "not redb:<path> or redis://<host>:<port>/<database>".to_owned();
        match text.split_once(':') {
            Some(("redb", path)) if !path.is_empty() => Ok(Self(Place::File(path.into()))),
            Some(("redis" | "valkey", _)) => {
                let info = text.into_connection_info().map_err(|_| wrong())?;
                Ok(Self(Place::Server(info)))
            }
            _ => Err(wrong()),
        }
    }
}

/// Why a store did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file.
    #[error(transparent)]
    File(#[from] ::redb::Error),
    /// Redis. Where the answer was lost, nobody knows whether the work was done.
    #[error(transparent)]
    Server(#[from] ::redis::RedisError),
    /// What is stored is no cart.
    #[error("what is stored is no cart")]
    Unreadable(#[from] serde_json::Error),
}

impl Failure {
    /// Whether it will pass: the same request may be answered in a moment.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Server(error) if redis::is_outage(error))
    }
}

#[derive(Debug)]
enum Kind {
    File(File),
    Server(Server),
}

/// The carts.
#[derive(Clone, Debug)]
pub struct Store(Arc<Kind>);

/// A store, for as long as somebody else holds it.
pub struct Borrowed(Weak<Kind>);

impl Borrowed {
    /// The store, if it is still open.
    pub fn upgrade(&self) -> Option<Store> {
        self.0.upgrade().map(Store)
    }
}

impl Store {
    /// Opens the file, which is created with its folder, or reaches the server.
    pub async fn open(StoreUrl(place): StoreUrl) -> Result<Self, Failure> {
        let kind = match place {
            Place::File(path) => Kind::File(File::open(path).await?),
            Place::Server(info) => Kind::Server(Server::open(info).await?),
        };
        Ok(Self(Arc::new(kind)))
    }

    /// The store without a claim on it.
    pub fn downgrade(&self) -> Borrowed {
        Borrowed(Arc::downgrade(&self.0))
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<(), Failure> {
        match &*self.0 {
            Kind::File(file) => file.ping().await,
            Kind::Server(server) => server.ping().await,
        }
    }

    /// The one with this id, unless it has expired.
    pub async fn find(&self, id: Uuid, now: DateTime<Utc>) -> Result<Option<Cart>, Error> {
        let found = match &*self.0 {
            Kind::File(file) => file.find(id).await?,
            Kind::Server(server) => server.find(id).await?,
        };
        Ok(found.map(|entry| entry.cart).filter(|cart| cart.is_alive(now)))
    }

    /// Adds a cart.
    pub async fn insert(&self, cart: Cart) -> Result<Cart, Error> {
        let entry = Entry::from(cart.clone());
        match &*self.0 {
            Kind::File(file) => file.insert(entry).await?,
            Kind::Server(server) => server.insert(&entry).await?,
        }
        Ok(cart)
    }

    /// Changes the lines of a cart. Changes come one after the other; none is lost.
    pub async fn update(
        &self,
        id: Uuid,
        now: DateTime<Utc>,
        change: Change,
        expected: Expected,
    ) -> Result<Cart, Error> {
        self.transact([id], now, move |[found]| {
            let entry = found.ok_or(Error::NotFound("cart"))?;
            Ok(match entry.changed(&change, &expected, now)? {
                Some(changed) => (vec![changed.clone()], changed.cart),
                None => (Vec::new(), entry.cart),
            })
        })
        .await
    }

    /// Puts all that is in one cart into another. What has expired is as good as empty.
    pub async fn merge(&self, id: Uuid, from: Uuid, now: DateTime<Utc>, expected: Expected) -> Result<Cart, Error> {
        if id == from {
            return Err(Violation::Itself.into());
        }
        self.transact([id, from], now, move |[into, from]| {
            let into = into.ok_or(Error::NotFound("cart"))?;
            let merged = from.map(|from| into.merged(&from, &expected, now)).transpose()?;
            Ok(match merged.flatten() {
                Some((full, empty)) => (vec![full.clone(), empty], full.cart),
                None => (Vec::new(), into.cart),
            })
        })
        .await
    }

    /// Deletes what has expired, and says how many that were. Redis does so itself.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<usize, Failure> {
        match &*self.0 {
            Kind::File(file) => file.sweep(now).await,
            Kind::Server(_) => Ok(0),
        }
    }

    /// Reads these carts, and puts what `work` makes of them, all in one step: nobody else changes them meanwhile.
    /// `work` may be called again where somebody else was faster.
    async fn transact<const N: usize, T: Send + 'static>(
        &self,
        ids: [Uuid; N],
        now: DateTime<Utc>,
        work: impl Fn([Option<Entry>; N]) -> Result<(Vec<Entry>, T), Error> + Send + 'static,
    ) -> Result<T, Error> {
        let alive = move |found: Option<Entry>| found.filter(|entry| entry.cart.is_alive(now));
        let work = move |found: [Option<Entry>; N]| work(found.map(alive));
        match &*self.0 {
            Kind::File(file) => file.transact(ids, work).await,
            Kind::Server(server) => server.transact(ids, work).await,
        }
    }
}

#[cfg(test)]
mod tests;
