//! The lease of a movement: while it lasts, one task alone asks the provider for that movement.

use chrono::{DateTime, Utc};

/// A lease that begins now.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    pub now: DateTime<Utc>,
    pub until: DateTime<Utc>,
}
