//! The time by which quotes and orders are looked at.

use chrono::{DateTime, Utc};

/// Now.
#[expect(clippy::disallowed_methods, reason = "the one clock of this part")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
