//! One kind of failure: a message for the person who ran the command.

use std::fmt::{self, Display};
use std::path::Path;

/// What a failure came from.
type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a command failed, and what to do about it.
#[derive(Debug)]
pub struct Error(pub String);

/// The result of a step.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Wraps another error with all its causes.
    pub fn of(error: impl Into<Source>) -> Self {
        Self(errors::chain(&*error.into()).to_string())
    }

    /// What failed, and why.
    pub fn because(what: impl Display, error: impl Into<Source>) -> Self {
        Self(format!("{what}: {}", errors::chain(&*error.into())))
    }

    /// A failure that concerns one file or folder.
    pub fn at(path: &Path, error: impl Into<Source>) -> Self {
        Self::because(path.display(), error)
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// A failure with this message.
pub fn fail<T>(words: impl Into<String>) -> Result<T> {
    Err(Error(words.into()))
}
