//! The time, as an argument.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};

/// Tells the time. A part keeps one and passes it on, so that a test can set it (`testkit::TestClock`). Clones tell the same time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn system() -> Self {
        Self::new(Utc::now)
    }

    /// A clock that tells what a function returns.
    #[must_use]
    pub fn new(time: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(time))
    }

    /// The time now, to the microsecond: PostgreSQL keeps no more, and what is read back has to equal what was written.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Clock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_has_whole_microseconds() {
        let clock = Clock::new(|| DateTime::from_timestamp_nanos(1_234_567_891));
        assert_eq!(clock.now(), DateTime::from_timestamp_nanos(1_234_567_000));
        assert_eq!(clock.clone().now(), clock.now());
    }
}
