//! Errors of calls, which say whose fault it was.

use crate::Problem;

/// Why a call gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Never sent: an address, a header or a body that is not allowed or too long. The fault of who asked for it.
    #[error("{0} cannot be asked so: {1}")]
    Invalid(&'static str, Box<Problem>),
    /// Nobody there, or the connection broke.
    #[error("{0} cannot be reached: {1}")]
    Unreachable(&'static str, reqwest::Error),
    /// No answer in time. For a write this means: outcome unknown.
    #[error("{0} did not answer in time")]
    Timeout(&'static str),
    /// Not sent, because it has failed so often lately that it is left in peace for a moment.
    #[error("{0} is not called for a moment: its circuit is open")]
    CircuitOpen(&'static str),
    /// It answered with an error.
    #[error("{0} refused: {1}")]
    Refused(&'static str, Box<Problem>),
    /// It answered with something else than was agreed.
    #[error("{0} gave an answer that cannot be read: {1}")]
    Malformed(&'static str, String),
}

impl CallError {
    /// The part that was called.
    #[must_use]
    pub fn part(&self) -> &'static str {
        let (Self::Invalid(part, _)
        | Self::Unreachable(part, _)
        | Self::Timeout(part)
        | Self::CircuitOpen(part)
        | Self::Refused(part, _)
        | Self::Malformed(part, _)) = self;
        part
    }

    /// The problem document of an answer in the 4xx range, or of what could not even be sent: the caller's fault, worth
    /// passing on.
    #[must_use]
    pub fn refusal(&self) -> Option<&Problem> {
        match self {
            Self::Invalid(_, problem) => Some(problem),
            Self::Refused(_, problem) if problem.status().is_client_error() => Some(problem),
            _ => None,
        }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        if let Some(problem) = error.refusal() {
            return problem.clone();
        }
        tracing::warn!(%error, "call failed");
        Self::unavailable(error.part())
    }
}
