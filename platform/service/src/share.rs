//! Shares: how many of a part's places one client may hold at the same time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What each client may hold. Nothing is remembered of who holds nothing. Clones share what they count.
#[derive(Clone, Debug)]
pub(crate) struct Shares(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    each: usize,
    held: Mutex<Held>,
}

type Held = HashMap<IpAddr, Arc<Semaphore>>;

/// One of a client's places; free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    permit: Option<OwnedSemaphorePermit>,
    client: IpAddr,
    shares: Shares,
}

impl Shares {
    /// For each client so many `percent` of `all` places, and one at least.
    pub(crate) fn new(all: usize, percent: usize) -> Self {
        let each = all
            .saturating_mul(percent)
            .div_ceil(100)
            .clamp(1, Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner {
            each,
            held: Mutex::default(),
        }))
    }

    /// One of the client's places, if it does not hold all of them.
    pub(crate) fn take(&self, client: IpAddr) -> Option<Share> {
        let permit = self.of(client).try_acquire_owned().ok()?;
        Some(self.share(client, Some(permit)))
    }

    /// The same; but who holds all of them waits until one is free, so long at most.
    pub(crate) async fn wait(&self, client: IpAddr, patience: Duration) -> Option<Share> {
        if let Some(share) = self.take(client) {
            return Some(share);
        }
        // It is there before the permit: who stops waiting leaves nothing behind.
        let mut share = self.share(client, None);
        let permit = tokio::time::timeout(patience, self.of(client).acquire_owned()).await;
        share.permit = Some(permit.ok()?.ok()?);
        Some(share)
    }

    fn share(&self, client: IpAddr, permit: Option<OwnedSemaphorePermit>) -> Share {
        Share {
            permit,
            client,
            shares: self.clone(),
        }
    }

    fn of(&self, client: IpAddr) -> Arc<Semaphore> {
        let places = || Arc::new(Semaphore::new(self.0.each));
        Arc::clone(self.held().entry(client).or_insert_with(places))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut held = self.shares.held();
        if held
            .get(&self.client)
            .is_some_and(|places| Arc::strong_count(places) == 1)
        {
            held.remove(&self.client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn each_client_has_its_own() {
        let shares = Shares::new(8, 25);
        let (first, _second) = (shares.take(ONE), shares.take(ONE));
        assert!(first.is_some() && shares.take(ONE).is_none());
        assert!(shares.take(OTHER).is_some());
        drop(first);
        assert!(shares.take(ONE).is_some());
    }

    #[test]
    fn there_is_one_for_everybody() {
        assert!(Shares::new(1, 25).take(ONE).is_some());
    }

    #[tokio::test]
    async fn who_waits_is_next() {
        let shares = Shares::new(1, 100);
        let first = shares.take(ONE);
        assert!(shares.wait(ONE, Duration::ZERO).await.is_none());
        let next = shares.wait(ONE, Duration::MAX);
        let (next, ()) = tokio::join!(next, async { drop(first) });
        assert!(next.is_some());
    }

    #[tokio::test]
    async fn nothing_is_left_of_who_holds_nothing() {
        let shares = Shares::new(1, 100);
        let first = shares.take(ONE);
        assert!(shares.take(ONE).is_none() && shares.wait(ONE, Duration::ZERO).await.is_none());
        assert_eq!(shares.held().len(), 1);
        drop(first);
        assert_eq!(shares.held().len(), 0);
    }
}
