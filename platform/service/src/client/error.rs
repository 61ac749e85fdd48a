//! Errors of calls, which say whose fault it was.

use errors::{Cause, Unanswered};

use crate::log::causes;
use crate::{BoxError, Problem};

/// Why a call gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Never sent: an address, a header or a body that is not allowed or too long. The fault of who asked for it.
    #[error("{0} cannot be asked so")]
    Invalid(&'static str, #[source] Box<Problem>),
    /// Nobody there, or the connection broke.
    #[error("{0} cannot be reached")]
    Unreachable(&'static str, #[source] Unanswered),
    /// No answer in time. For a write this means: outcome unknown.
    #[error("{0} did not answer in time")]
    Timeout(&'static str),
    /// Not sent, because it has failed so often lately that it is left in peace for a moment.
    #[error("{0} is not called for a moment: its circuit is open")]
    CircuitOpen(&'static str),
    /// It answered with an error.
    #[error("{0} answered with an error")]
    Refused(&'static str, #[source] Box<Problem>),
    /// It answered with something else than was agreed.
    #[error("{0} gave an answer that cannot be read")]
    Malformed(&'static str, #[source] BoxError),
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

    /// Why there was no answer; none where there was one.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Self::Unreachable(_, unanswered) => unanswered.cause(),
            Self::Timeout(_) => Some(Cause::Timeout),
            Self::CircuitOpen(_) => Some(Cause::CircuitOpen),
            Self::Invalid(..) | Self::Refused(..) | Self::Malformed(..) => None,
        }
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
        tracing::warn!(upstream = error.part(), error = causes(&error), "call failed");
        Self::unavailable(error.part())
    }
}

/// A request that had no answer: what `reqwest` alone knows of the cause is kept.
#[must_use]
pub fn unanswered(error: reqwest::Error) -> Unanswered {
    if error.is_timeout() {
        Unanswered::because(Cause::Timeout, error)
    } else if error.is_dns() {
        Unanswered::because(Cause::Dns, error)
    } else {
        Unanswered::new(error)
    }
}
