//! Places for requests that are being answered: as many as the part can bear, and at the edge no more for one client
//! than its share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use metrics::{Counter, Gauge, counter, gauge};

use crate::metrics::{SERVER_IN_FLIGHT, SERVER_SHED};
use crate::share::{Share, Shares};
use crate::{Context, Problem, Settings};

/// How long a client waits that holds all of its places.
const PATIENCE: Duration = Duration::from_secs(1);

/// All places of one part.
#[derive(Debug)]
pub(super) struct Places {
    limit: usize,
    taken: AtomicUsize,
    shares: Option<Shares>,
    gauge: Gauge,
    shed: Counter,
}

/// One of them; free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    _share: Option<Share>,
}

impl Places {
    /// None is taken.
    pub(super) fn new(settings: &Settings, is_edge: bool) -> Arc<Self> {
        Arc::new(Self {
            limit: settings.concurrency,
            taken: AtomicUsize::new(0),
            shares: is_edge.then(|| Shares::new(settings.concurrency, settings.client_percent)),
            gauge: gauge!(SERVER_IN_FLIGHT),
            shed: counter!(SERVER_SHED),
        })
    }

    /// Whether the next request would be shed.
    pub(super) fn are_full(&self) -> bool {
        self.taken.load(Ordering::Relaxed) >= self.limit
    }

    /// A place for the current request, if there is one.
    pub(super) async fn enter(self: &Arc<Self>) -> Result<Place, Problem> {
        let share = match (&self.shares, Context::current().client_network()) {
            (Some(shares), Some(client)) => {
                let share = shares.wait(client, PATIENCE).await;
                Some(share.ok_or_else(|| self.shed("Too many requests of yours at the same time. Please try again."))?)
            }
            _ => None,
        };
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        self.gauge.increment(1);
        let place = Place {
            places: Arc::clone(self),
            _share: share,
        };
        if taken < self.limit {
            Ok(place)
        } else {
            Err(self.shed("Too many requests at the same time. Please try again."))
        }
    }

    fn shed(&self, detail: &str) -> Problem {
        self.shed.increment(1);
        Problem::overloaded(detail)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken.fetch_sub(1, Ordering::Relaxed);
        self.places.gauge.decrement(1);
    }
}
