//! What an operator sees of events, next to the part's other metrics.

use std::sync::Once;

use metrics::{Unit, describe_gauge};

pub(crate) const OUTBOX_LAG: &str = "events_outbox_lag";
pub(crate) const OUTBOX_LAG_SECONDS: &str = "events_outbox_lag_seconds";

#[cfg(test)]
pub(crate) const ALL: [&str; 2] = [OUTBOX_LAG, OUTBOX_LAG_SECONDS];

/// Says what the numbers mean, once a process.
pub(crate) fn describe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        describe_gauge!(OUTBOX_LAG, "Events committed and not yet taken from the outbox");
        describe_gauge!(OUTBOX_LAG_SECONDS, Unit::Seconds, "Age of the oldest of them");
    });
}
