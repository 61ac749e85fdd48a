//! Limits on how many of a part's permits one client may hold at the same time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The permits of each client. A client that holds none takes no memory. Clones share the permits.
#[derive(Clone, Debug)]
pub(crate) struct ClientLimits(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    each: usize,
    held: Mutex<Held>,
}

type Held = HashMap<IpAddr, Arc<Semaphore>>;

/// One of a client's permits, which is returned when this is dropped.
#[derive(Debug)]
pub(crate) struct ClientPermit {
    permit: Option<OwnedSemaphorePermit>,
    client: IpAddr,
    limits: ClientLimits,
}

impl ClientLimits {
    /// Each client may hold `percent` of `all` permits, and at least one.
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

    /// Takes a permit, unless the client holds as many as it may.
    pub(crate) fn take(&self, client: IpAddr) -> Option<ClientPermit> {
        let permit = self.semaphore(client).try_acquire_owned().ok()?;
        Some(self.permit(client, Some(permit)))
    }

    /// Takes a permit, and waits up to `patience` if the client holds as many as it may.
    pub(crate) async fn wait(&self, client: IpAddr, patience: Duration) -> Option<ClientPermit> {
        if let Some(permit) = self.take(client) {
            return Some(permit);
        }
        // Created before the permit is acquired, so that a client that stops waiting is forgotten.
        let mut waiting = self.permit(client, None);
        let permit = tokio::time::timeout(patience, self.semaphore(client).acquire_owned()).await;
        waiting.permit = Some(permit.ok()?.ok()?);
        Some(waiting)
    }

    fn permit(&self, client: IpAddr, permit: Option<OwnedSemaphorePermit>) -> ClientPermit {
        ClientPermit {
            permit,
            client,
            limits: self.clone(),
        }
    }

    fn semaphore(&self, client: IpAddr) -> Arc<Semaphore> {
        let permits = || Arc::new(Semaphore::new(self.0.each));
        Arc::clone(self.held().entry(client).or_insert_with(permits))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ClientPermit {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut held = self.limits.held();
        if held
            .get(&self.client)
            .is_some_and(|permits| Arc::strong_count(permits) == 1)
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
    fn each_client_has_its_own_permits() {
        let limits = ClientLimits::new(8, 25);
        let (first, _second) = (limits.take(ONE), limits.take(ONE));
        assert!(first.is_some() && limits.take(ONE).is_none());
        assert!(limits.take(OTHER).is_some());
        drop(first);
        assert!(limits.take(ONE).is_some());
    }

    #[test]
    fn each_client_has_at_least_one_permit() {
        assert!(ClientLimits::new(1, 25).take(ONE).is_some());
    }

    #[tokio::test]
    async fn waiting_client_gets_the_returned_permit() {
        let limits = ClientLimits::new(1, 100);
        let first = limits.take(ONE);
        assert!(limits.wait(ONE, Duration::ZERO).await.is_none());
        let next = limits.wait(ONE, Duration::MAX);
        let (next, ()) = tokio::join!(next, async { drop(first) });
        assert!(next.is_some());
    }

    #[tokio::test]
    async fn client_without_permits_takes_no_memory() {
        let limits = ClientLimits::new(1, 100);
        let first = limits.take(ONE);
        assert!(limits.take(ONE).is_none() && limits.wait(ONE, Duration::ZERO).await.is_none());
        assert_eq!(limits.held().len(), 1);
        drop(first);
        assert_eq!(limits.held().len(), 0);
    }
}
