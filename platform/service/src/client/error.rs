//! Errors of calls, which tell whose fault they are.

use errors::{Cause, Unanswered};

use crate::log::causes;
use crate::{BoxError, Problem};

/// Why a call has no usable response.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It was not sent, because its address, a header or its body is invalid or too long. This is the caller's fault.
    #[error("the request to {0} is not valid")]
    Invalid(&'static str, #[source] Box<Problem>),
    /// There is no connection, or it broke.
    #[error("{0} cannot be reached")]
    Unreachable(&'static str, #[source] Unanswered),
    /// There was no response in time. Whether a write was done is unknown.
    #[error("{0} did not answer in time")]
    Timeout(&'static str),
    /// It was not sent, because the circuit is open after too many failures.
    #[error("{0} is not called for a moment: its circuit is open")]
    CircuitOpen(&'static str),
    /// The part answered with an error.
    #[error("{0} answered with an error")]
    Refused(&'static str, #[source] Box<Problem>),
    /// The part's response does not match its contract.
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

    /// Why there was no response; `None` if there was one.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Self::Unreachable(_, unanswered) => unanswered.cause(),
            Self::Timeout(_) => Some(Cause::Timeout),
            Self::CircuitOpen(_) => Some(Cause::CircuitOpen),
            Self::Invalid(..) | Self::Refused(..) | Self::Malformed(..) => None,
        }
    }

    /// The problem document of a 4xx response, or of a request that could not be sent: the caller's fault, which may be
    /// passed on to its own caller.
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

/// Turns `reqwest`'s error into one that keeps the cause, some of which only `reqwest` can tell.
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
