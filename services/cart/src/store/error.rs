//! Why a store operation fails.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::domain::Rejection;

/// Why a store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file failed.
    #[error(transparent)]
    File(#[from] redb::Error),
    /// Redis failed. If its answer was lost, the change may have been made.
    #[error(transparent)]
    Redis(#[from] RedisError),
    /// The stored value is not a cart.
    #[error("the stored value is not a cart")]
    Unreadable(#[from] serde_json::Error),
}

impl StoreError {
    /// Whether the same request may succeed in a moment.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Redis(error) if is_outage(error))
    }
}

/// Whether Redis cannot be reached, is starting, or is no longer the server that accepts writes.
fn is_outage(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly, TryAgain};

    matches!(
        error.kind(),
        ErrorKind::Io | ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | ReadOnly | TryAgain)
    )
}

/// Why a cart was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The cart does not exist or has expired.
    #[error("there is no such cart")]
    NotFound,
    /// The change breaks a rule.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
