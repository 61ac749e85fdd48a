//! Every statement that the database sees. One file a resource.

pub mod categories;
pub mod index;
pub mod listing;
pub mod products;
pub mod shops;
pub mod stories;
pub mod variants;

use storage::Error;

/// Whether an error says that something else still refers to what was to go, or that what is referred to is not there.
fn is_tied(error: &Error) -> bool {
    matches!(error, Error::Database(error) if error.is_foreign_key_violation())
}

/// Reads a text that may be missing, and is checked where it is not.
fn optional<T: TryFrom<String, Error = crate::domain::Malformed>>(text: Option<String>) -> Result<Option<T>, Error> {
    let checked = text.map(T::try_from).transpose();
    checked.map_err(|error| Error::Decode(error.into()))
}
