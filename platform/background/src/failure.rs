//! Why work did not go on.

use crate::{BoxError, Panic};

/// Why work did not go on.
#[derive(Debug)]
pub enum Failure {
    /// It is the part's own, or its store's: the part is not ready if this happens again and again
    Own(BoxError),
    /// A neighbour does not do its part, which takes nobody else down
    Neighbour(BoxError),
}

impl Failure {
    /// One of the part's own.
    pub fn own(error: impl Into<BoxError>) -> Self {
        Self::Own(error.into())
    }

    /// One of a neighbour's.
    pub fn neighbour(error: impl Into<BoxError>) -> Self {
        Self::Neighbour(error.into())
    }
}

/// How a loop came to a stop.
#[derive(Debug)]
pub(crate) enum Death {
    Error(Failure),
    Panic(Panic),
}
