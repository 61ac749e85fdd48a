//! Metrics of events.

use std::sync::Once;

use metrics::{Unit, describe_counter, describe_gauge};

pub(crate) const OUTBOX_LAG: &str = "events_outbox_lag";
pub(crate) const OUTBOX_LAG_SECONDS: &str = "events_outbox_lag_seconds";
pub(crate) const CONSUMER_LAG: &str = "events_consumer_lag";
pub(crate) const CONSUMER_LAG_SECONDS: &str = "events_consumer_lag_seconds";
pub(crate) const HANDLED: &str = "events_handled_total";
pub(crate) const FAILED: &str = "events_failed_total";
pub(crate) const PARKED: &str = "events_parked_total";
pub(crate) const PARKED_NOW: &str = "events_parked";
pub(crate) const GAPS: &str = "events_gaps_total";
pub(crate) const QUEUE: &str = "events_queue_messages";
pub(crate) const DEAD: &str = "events_dead_letters_total";

#[cfg(test)]
pub(crate) const ALL: [&str; 11] = [
    OUTBOX_LAG,
    OUTBOX_LAG_SECONDS,
    CONSUMER_LAG,
    CONSUMER_LAG_SECONDS,
    HANDLED,
    FAILED,
    PARKED,
    PARKED_NOW,
    GAPS,
    QUEUE,
    DEAD,
];

/// Describes the metrics, once per process.
pub(crate) fn describe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        describe_gauge!(OUTBOX_LAG, "Committed events that were not read from the outbox yet");
        describe_gauge!(OUTBOX_LAG_SECONDS, Unit::Seconds, "Age of the oldest of them");
        describe_gauge!(CONSUMER_LAG, "Events of a source that a consumer has not processed yet");
        describe_gauge!(CONSUMER_LAG_SECONDS, Unit::Seconds, "Age of the oldest of them");
        describe_counter!(HANDLED, "Events that took effect, by consumer");
        describe_counter!(FAILED, "Attempts to handle an event that failed, by consumer");
        describe_counter!(PARKED, "Events parked, by consumer");
        describe_gauge!(PARKED_NOW, "Events parked now, by consumer");
        describe_gauge!(QUEUE, "Messages that wait in a consumer's queue");
        describe_counter!(DEAD, "Messages that were not events, by consumer");
        describe_counter!(
            GAPS,
            "Times that a feed no longer had the events that a consumer had not processed yet"
        );
    });
}

/// A number of events as the value of a gauge.
#[expect(clippy::cast_precision_loss, reason = "a gauge need not be exact")]
pub(crate) fn level(count: u64) -> f64 {
    count as f64
}
