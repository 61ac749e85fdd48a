//! One kind of failure: a sentence for whoever ran the command.

use std::fmt::{self, Display};
use std::path::Path;

/// Why a command stopped, in words, with what to do about it.
#[derive(Debug)]
pub struct Error(pub String);

/// What every step gives.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure that concerns one file or folder.
    pub fn at(path: &Path, error: impl Display) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// A failure in words.
pub fn fail<T>(words: impl Into<String>) -> Result<T> {
    Err(Error(words.into()))
}
