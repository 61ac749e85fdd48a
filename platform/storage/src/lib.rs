//! Databases of services: SQLite or PostgreSQL with the same SQL. A service writes its statements once, in the common subset
//! (see `docs/adr/0003-one-sql-two-stores.md`), and runs them with the macros of this crate:
//!
//! ```ignore
//! let product: Option<Product> = storage::fetch_optional!(&db, "select … where slug = $1", slug)?;
//! let mut tx = db.begin().await?;
//! storage::execute!(&mut tx, "update … set quantity = $1 where sku = $2", quantity, sku)?;
//! tx.commit().await?;
//! ```
//!
//! Invariants: reads go through [`Db`], writes through [`Tx`]. SQLite has one writer, and a transaction takes the write lock
//! when it begins, so it cannot fail to get it later.

#![warn(missing_docs)]

mod batch;
pub mod clock;
pub mod idempotency;
mod migrations;
mod pool;
mod statement;

pub use batch::{Batch, BatchTx};
pub use migrations::migrate;
pub use pool::{DatabaseUrl, Db, On, Tx};
pub use sqlx::types::Json;

#[doc(hidden)]
pub use sqlx;

/// Any error of the database, its connection or the conversion of rows.
pub type Error = sqlx::Error;

/// Returns whether an error is the violation of a unique constraint.
#[must_use]
pub fn is_conflict(error: &Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.is_unique_violation())
}
