//! The machine's clock, for code that gets no [`Clock`] as an argument.

use chrono::{DateTime, Utc};
use values::Clock;

/// The time now, to the microsecond: see [`Clock::now`].
#[must_use]
pub fn now() -> DateTime<Utc> {
    Clock::system().now()
}
