//! Why there was no answer, in one word.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind};

use crate::links;

/// Why there was no answer. Few enough words for a metric's label.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// Nothing listens at that port.
    Refused,
    /// The other side broke the connection off.
    Reset,
    /// The other side closed the connection before it had answered.
    Closed,
    /// The name leads to no address.
    Dns,
    /// The handshake of TLS failed: a certificate that is not believed, or no TLS at all.
    Tls,
    /// It took too long.
    Timeout,
    /// No way leads to that address.
    Unroutable,
    /// What was answered is no HTTP.
    Garbled,
    /// Not asked, because too many calls before this one failed.
    CircuitOpen,
}

impl Cause {
    /// The word: `refused`.
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

    /// That of an error, as far as anything in its chain tells.
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

/// No answer: an error, with its cause where that is known. It says what the error says.
#[derive(Debug)]
pub struct Unanswered {
    cause: Option<Cause>,
    error: Box<dyn Error + Send + Sync>,
}

impl Unanswered {
    /// With the cause that the error's chain tells.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let error = error.into();
        let cause = Cause::of(&*error);
        Self { cause, error }
    }

    /// With a cause that the error's chain does not tell.
    pub fn because(cause: Cause, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: Some(cause),
            error: error.into(),
        }
    }

    /// It was waited for, and did not come.
    #[must_use]
    pub fn timed_out() -> Self {
        Self::because(Cause::Timeout, "no answer in time")
    }

    /// Why there was none.
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
    fn cause_is_found_under_other_errors() {
        let refused = io::Error::from(ErrorKind::ConnectionRefused);
        let error = io::Error::other(io::Error::other(refused));
        assert_eq!(Cause::of(&error), Some(Cause::Refused));
        assert_eq!(Cause::of(&io::Error::other("something else")), None);
        let unanswered = Unanswered::because(Cause::Dns, io::Error::from(ErrorKind::TimedOut));
        assert_eq!(Cause::of(&io::Error::other(unanswered)), Some(Cause::Dns));
    }

    #[test]
    fn unanswered_says_what_its_error_says() {
        let unanswered = Unanswered::new(io::Error::from(ErrorKind::ConnectionReset));
        assert_eq!(unanswered.cause(), Some(Cause::Reset));
        assert_eq!(unanswered.to_string(), "connection reset");
    }
}
