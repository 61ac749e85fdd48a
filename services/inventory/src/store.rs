//! Every statement that the database sees. One file a resource.
//!
//! Every transaction here touches reservations before stock, and each of them in order, so none waits for another in
//! a circle. Stock and shelves change in [`ledger::post`] and nowhere else.

pub mod ledger;
pub mod reservations;
pub mod restocks;
pub mod stock;

use storage::is_conflict;

use crate::error::Error;

/// How often a write is tried. Each further time somebody else's came between, who has what they wanted.
const ATTEMPTS: usize = 20;

/// Tries a write, and again where another one came between its reading and its writing: PostgreSQL has many writers.
async fn again<T, F: Future<Output = Result<T, Error>>>(attempt: impl Fn() -> F) -> Result<T, Error> {
    for _ in 0..ATTEMPTS {
        match attempt().await {
            Err(Error::Raced) => {}
            // Two requests with one key raced, and the other one's answer is there now.
            Err(Error::Internal(error)) if is_conflict(&error) => {}
            answer => return answer,
        }
    }
    Err(Error::Raced)
}
