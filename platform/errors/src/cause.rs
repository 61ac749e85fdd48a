//! The cause of a missing response, in one word.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind};

use crate::links;

/// Why there was no response: a small set of words, so that it can be a label of a metric.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// Nothing listens on the port.
    Refused,
    /// The other side reset the connection.
    Reset,
    /// The other side closed the connection before it had sent a response.
    Closed,
    /// The host name does not resolve to an address.
    Dns,
    /// The TLS handshake failed: the certificate is not trusted, or the server does not speak TLS.
    Tls,
    /// The response did not arrive in time.
    Timeout,
    /// There is no route to the address.
    Unroutable,
    /// The response is not valid HTTP.
    Garbled,
    /// The request was not sent, because too many requests before it failed.
    CircuitOpen,
}

impl Cause {
    /// The cause as a word in `snake_case`, for example `circuit_open`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Unroutable => "unroutable",
            Self::Garbled => "garbled",
            Self::CircuitOpen => "circuit_open",
        }
    }

    /// Finds the cause in an error's chain of sources, if it can be told.
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        links(error).find_map(Self::of_link)
    }

    fn of_link(link: &(dyn Error + 'static)) -> Option<Self> {
        if let Some(unanswered) = link.downcast_ref::<Unanswered>() {
            return unanswered.cause;
        }
        if let Some(error) = link.downcast_ref::<io::Error>() {
            return Self::of_kind(error.kind());
        }
        let error = link.downcast_ref::<hyper::Error>()?;
        if error.is_timeout() {
            Some(Self::Timeout)
        } else if error.is_parse() {
            Some(Self::Garbled)
        } else if error.is_incomplete_message() || error.is_closed() {
            Some(Self::Closed)
        } else {
            None
        }
    }

    fn of_kind(kind: ErrorKind) -> Option<Self> {
        Some(match kind {
            ErrorKind::ConnectionRefused => Self::Refused,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Self::Reset,
            ErrorKind::BrokenPipe | ErrorKind::NotConnected | ErrorKind::UnexpectedEof => Self::Closed,
            ErrorKind::TimedOut => Self::Timeout,
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => Self::Unroutable,
            _ => return None,
        })
    }
}

/// A request that got no response: an error together with its cause, if that is known. Displays as the error itself.
#[derive(Debug)]
pub struct Unanswered {
    cause: Option<Cause>,
    error: Box<dyn Error + Send + Sync>,
}

impl Unanswered {
    /// Takes the cause from the error's chain of sources.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let error = error.into();
        let cause = Cause::of(&*error);
        Self { cause, error }
    }

    /// Sets a cause that the error's chain does not reveal.
    pub fn because(cause: Cause, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: Some(cause),
            error: error.into(),
        }
    }

    /// The response did not arrive in time.
    #[must_use]
    pub fn timed_out() -> Self {
        Self::because(Cause::Timeout, "no answer in time")
    }

    /// Why there was no response, if that is known.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.cause
    }
}

impl Display for Unanswered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl Error for Unanswered {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cause_is_found_within_a_chain() {
        let refused = io::Error::from(ErrorKind::ConnectionRefused);
        let error = io::Error::other(io::Error::other(refused));
        assert_eq!(Cause::of(&error), Some(Cause::Refused));
        assert_eq!(Cause::of(&io::Error::other("something else")), None);
        let unanswered = Unanswered::because(Cause::Dns, io::Error::from(ErrorKind::TimedOut));
        assert_eq!(Cause::of(&io::Error::other(unanswered)), Some(Cause::Dns));
    }

    #[test]
    fn unanswered_displays_as_its_error() {
        let unanswered = Unanswered::new(io::Error::from(ErrorKind::ConnectionReset));
        assert_eq!(unanswered.cause(), Some(Cause::Reset));
        assert_eq!(unanswered.to_string(), "connection reset");
    }
}
