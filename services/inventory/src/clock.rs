//! The time by which reservations expire.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use storage::clock;

/// The application's clock, which a test can set forward. Clones are one clock.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Now, to the microsecond.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        clock::now() + TimeDelta::seconds(self.0.load(Ordering::Relaxed))
    }

    /// Sets it forward.
    pub fn advance(&self, seconds: u32) {
        self.0.fetch_add(seconds.into(), Ordering::Relaxed);
    }
}
