//! The application's clock: the only one that counts, whichever the database.

use chrono::{DateTime, SubsecRound, Utc};

/// Now, to the microsecond: PostgreSQL keeps no more, and what is read back must equal what was written.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one clock, which is told to everything else"
)]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
