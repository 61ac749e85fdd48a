//! SQL statements, one file per resource.
//!
//! Every transaction touches reservations before stock, and each of them in order, so that transactions cannot
//! deadlock. Stock changes in [`ledger::post`] only.

pub mod counts;
pub mod ledger;
pub mod reservations;
pub mod restocks;
pub mod stock;

use storage::is_conflict;

use crate::error::Error;

/// How often a write is tried. Each failed attempt means that a concurrent request succeeded.
const ATTEMPTS: usize = 20;

/// Runs a write again when a concurrent one changed what it had read: PostgreSQL has many writers.
async fn retry_on_conflict<T, F: Future<Output = Result<T, Error>>>(attempt: impl Fn() -> F) -> Result<T, Error> {
    for _ in 0..ATTEMPTS {
        match attempt().await {
            Err(Error::Conflict) => {}
            // Two requests with the same key raced: the next attempt finds the other one's answer.
            Err(Error::Internal(error)) if is_conflict(&error) => {}
            answer => return answer,
        }
    }
    Err(Error::Conflict)
}
