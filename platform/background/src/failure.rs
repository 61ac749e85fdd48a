//! Why work did not go on.

use std::error::Error;

use crate::BoxError;

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
    /// With what it said
    Panic(String),
}

/// An error and all its causes; none twice, for some tell their causes themselves.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Trouble {
        #[error("the outbox cannot be read")]
        Outbox(#[source] std::io::Error),
        #[error("the outbox cannot be read: {0}")]
        Told(#[source] std::io::Error),
    }

    #[test]
    fn chain_tells_each_cause_once() {
        let refused = || std::io::Error::other("refused");
        for error in [Trouble::Outbox(refused()), Trouble::Told(refused())] {
            assert_eq!(chain(&error), "the outbox cannot be read: refused");
        }
    }
}
