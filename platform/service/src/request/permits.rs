//! Permits for requests that are being answered: limited for the part, and at the edge for each client.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use metrics::{Counter, Gauge, counter, gauge};

use crate::client_limits::{ClientLimits, ClientPermit};
use crate::metrics::{SERVER_IN_FLIGHT, SERVER_SHED};
use crate::{Context, Problem, Settings};

/// How long a request waits whose client holds as many permits as it may.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// The permits of one part.
#[derive(Debug)]
pub(super) struct RequestPermits {
    limit: usize,
    taken: AtomicUsize,
    client_limits: Option<ClientLimits>,
    gauge: Gauge,
    shed: Counter,
}

/// A permit, which is returned when this is dropped.
#[derive(Debug)]
pub(super) struct RequestPermit {
    permits: Arc<RequestPermits>,
    _client_permit: Option<ClientPermit>,
}

impl RequestPermits {
    /// No permit is taken.
    pub(super) fn new(settings: &Settings, is_edge: bool) -> Arc<Self> {
        Arc::new(Self {
            limit: settings.concurrency,
            taken: AtomicUsize::new(0),
            client_limits: is_edge.then(|| ClientLimits::new(settings.concurrency, settings.client_percent)),
            gauge: gauge!(SERVER_IN_FLIGHT),
            shed: counter!(SERVER_SHED),
        })
    }

    /// Returns whether the next request would be shed.
    pub(super) fn are_exhausted(&self) -> bool {
        self.taken.load(Ordering::Relaxed) >= self.limit
    }

    /// Takes a permit for the current request, if there is one.
    pub(super) async fn acquire(self: &Arc<Self>) -> Result<RequestPermit, Problem> {
        let client_permit =
            match (&self.client_limits, Context::current().client_network()) {
                (Some(client_limits), Some(client)) => {
                    let client_permit = client_limits.wait(client, MAX_WAIT).await;
                    Some(client_permit.ok_or_else(|| {
                        self.shed("You have too many requests open at the same time. Please try again.")
                    })?)
                }
                _ => None,
            };
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        self.gauge.increment(1);
        let permit = RequestPermit {
            permits: Arc::clone(self),
            _client_permit: client_permit,
        };
        if taken < self.limit {
            Ok(permit)
        } else {
            Err(self.shed("Too many requests at the same time. Please try again."))
        }
    }

    fn shed(&self, detail: &str) -> Problem {
        self.shed.increment(1);
        Problem::overloaded(detail)
    }
}

impl Drop for RequestPermit {
    fn drop(&mut self) {
        self.permits.taken.fetch_sub(1, Ordering::Relaxed);
        self.permits.gauge.decrement(1);
    }
}
