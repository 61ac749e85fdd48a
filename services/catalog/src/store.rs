//! All SQL statements, one file for each resource.

pub mod categories;
pub mod index;
pub mod listing;
pub mod products;
pub mod shops;
pub mod stories;
pub mod variants;

use storage::Error as StorageError;
use values::Malformed;

fn is_foreign_key_violation(error: &StorageError) -> bool {
    matches!(error, StorageError::Database(error) if error.is_foreign_key_violation())
}

/// Decodes a nullable text column.
fn optional<T: TryFrom<String, Error = Malformed>>(text: Option<String>) -> Result<Option<T>, StorageError> {
    let value = text.map(T::try_from).transpose();
    value.map_err(|error| StorageError::Decode(error.into()))
}
