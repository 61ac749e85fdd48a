//! How long orders are leased, and when they are tried again.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::placement::Lease;
use crate::upstream::payments::PROVIDER_TIMEOUT_FACTOR;

/// The longest pause between two attempts at an order.
const MAX_PAUSE: Duration = Duration::from_mins(1);

/// The times that leases are made of.
#[derive(Clone, Copy, Debug)]
pub struct LeasePolicy {
    /// How long one attempt of a step may take
    pub step_timeout: Duration,
    /// The pause before an order is tried again; it doubles with each try
    pub retry_pause: Duration,
}

impl LeasePolicy {
    /// When a lease that is taken now ends, unless it is renewed.
    pub fn leased_until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + self.lease_margin() + Duration::from_secs(10)
    }

    /// Keeps the order for its owner.
    pub fn renew_lease(&self, now: DateTime<Utc>) -> Lease {
        let leased_until = self.leased_until(now);
        Lease {
            leased_until,
            due_at: leased_until,
        }
    }

    /// Ends the lease. A repeated request can take the order up at once, the worker after a pause that grows.
    pub fn retry_later(&self, tries: u32, now: DateTime<Utc>) -> Lease {
        let pause = self.retry_pause.saturating_mul(1 << tries.clamp(1, 17) >> 1);
        Lease {
            leased_until: now,
            due_at: now + pause.min(MAX_PAUSE),
        }
    }

    /// Longer than the calls between two writes can take: four calls, each tried twice, of which one waits for a payment
    /// provider.
    pub fn lease_margin(&self) -> Duration {
        self.step_timeout * (8 + 2 * PROVIDER_TIMEOUT_FACTOR)
    }
}
