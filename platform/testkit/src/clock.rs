use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use values::Clock;

/// A clock for the part under test, which the test sets forward. Clones tell the same time.
#[derive(Clone, Debug, Default)]
pub struct TestClock {
    stopped_at: Option<DateTime<Utc>>,
    forward: Arc<AtomicI64>,
}

impl TestClock {
    /// A clock that stands still at this time. The default one goes on with the machine's time.
    #[must_use]
    pub fn stopped_at(time: DateTime<Utc>) -> Self {
        Self {
            stopped_at: Some(time),
            ..Self::default()
        }
    }

    /// The clock to give to the part.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let (system, test) = (Clock::system(), self.clone());
        Clock::new(move || {
            let forward = TimeDelta::microseconds(test.forward.load(Ordering::Relaxed));
            test.stopped_at.unwrap_or_else(|| system.now()) + forward
        })
    }

    /// The time that it tells now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock().now()
    }

    /// Sets it forward, or back by a negative time.
    ///
    /// # Panics
    /// The time is longer than 292,000 years.
    pub fn advance(&self, time: TimeDelta) {
        let micros = time.num_microseconds().expect("less than 292,000 years");
        self.forward.fetch_add(micros, Ordering::Relaxed);
    }
}
