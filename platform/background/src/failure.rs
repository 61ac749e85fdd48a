//! Why background work failed.

use crate::{BoxError, Panic};

/// Why background work failed.
#[derive(Debug)]
pub enum Failure {
    /// The part's own fault, or its store's: after five in a row the part reports that it is not ready
    Own(BoxError),
    /// The fault of a neighbour (another part, a broker): the part stays ready
    Neighbour(BoxError),
}

impl Failure {
    /// An error of the part itself.
    pub fn own(error: impl Into<BoxError>) -> Self {
        Self::Own(error.into())
    }

    /// An error of a neighbour.
    pub fn neighbour(error: impl Into<BoxError>) -> Self {
        Self::Neighbour(error.into())
    }
}

/// What interrupted a loop.
#[derive(Debug)]
pub(crate) enum Crash {
    Error(Failure),
    Panic(Panic),
}
