//! The `traceparent` header of [W3C Trace Context](https://www.w3.org/TR/trace-context/#traceparent-header).

use std::fmt;

/// A position in a trace, as `traceparent` describes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TraceParent {
    pub(crate) trace: u128,
    /// 0 if there is no span yet
    pub(crate) span: u64,
    pub(crate) sampled: bool,
}

impl TraceParent {
    /// Parses `version-trace-span-flags`. A later version may have further fields.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split('-');
        let version = hex(fields.next()?, 2).filter(|version| *version != 0xff)?;
        let trace = hex(fields.next()?, 32).filter(|trace| *trace != 0)?;
        let span = hex(fields.next()?, 16).filter(|span| *span != 0)?;
        let flags = hex(fields.next()?, 2)?;
        if version == 0 && fields.next().is_some() {
            return None;
        }
        Some(Self {
            trace,
            span: u64::try_from(span).ok()?,
            sampled: flags & 1 == 1,
        })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trace, span, sampled } = self;
        write!(formatter, "00-{trace:032x}-{span:016x}-{:02x}", u8::from(*sampled))
    }
}

/// Parses hex digits, which have to be lower case.
fn hex(text: &str, length: usize) -> Option<u128> {
    let fits = text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    u128::from_str_radix(text, 16).ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_traceparent_is_rejected() {
        for invalid in [
            "",
            "00",
            "00-zz-00-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceParent::parse(invalid), None, "{invalid}");
        }
        assert!(TraceParent::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").is_some());
    }
}
