//! Request headers for static files: encodings, conditions, ranges ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110)). A
//! value that cannot be parsed is ignored, and other values are still used.

use std::ops::Range;

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The result of a request's conditions for a file with an entity tag.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Condition {
    /// The file is sent.
    Matched,
    /// The client has the file already: 304.
    NotModified,
    /// The client expects another version: 412.
    PreconditionFailed,
}

/// Returns whether a response may have this encoding: the request names it or `*` with a weight that is not zero.
pub(super) fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let weight = |wanted: &str| {
        let mut named = elements(request, header::ACCEPT_ENCODING).filter_map(|element| {
            let mut parts = element.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            let is_it = parts.next()?.eq_ignore_ascii_case(wanted.as_bytes());
            is_it.then(|| !parts.any(is_zero))
        });
        named.next()
    };
    weight(encoding).or_else(|| weight("*")).unwrap_or(false)
}

/// `q=0`, `q=0.0` …
fn is_zero(parameter: &[u8]) -> bool {
    let weight = parameter.strip_prefix(b"q=").or_else(|| parameter.strip_prefix(b"Q="));
    weight.is_some_and(|weight| !weight.is_empty() && weight.iter().all(|byte| matches!(byte, b'0' | b'.')))
}

/// Evaluates conditions by entity tag; conditions by date are ignored, since files have no date.
pub(super) fn condition(request: &HeaderMap, tag: &HeaderValue) -> Condition {
    let is_among = |name: HeaderName, weakly: bool| {
        elements(request, name).any(|element| {
            let element = element.strip_prefix(b"W/").filter(|_| weakly).unwrap_or(element);
            element == b"*" || element == tag.as_bytes()
        })
    };
    if request.contains_key(header::IF_MATCH) && !is_among(header::IF_MATCH, false) {
        return Condition::PreconditionFailed;
    }
    if is_among(header::IF_NONE_MATCH, true) {
        Condition::NotModified
    } else {
        Condition::Matched
    }
}

/// The requested range of a file with `length` bytes. `None` means the whole file, which is also the response to several
/// ranges and to one that cannot be parsed.
///
/// # Errors
/// The range is outside of the file.
pub(super) fn range(
    request: &HeaderMap,
    tag: &HeaderValue,
    length: usize,
) -> Result<Option<Range<usize>>, Unsatisfiable> {
    let is_of_another = request.get(header::IF_RANGE).is_some_and(|wanted| wanted != tag);
    let mut ranges = request.get_all(header::RANGE).iter();
    match (ranges.next(), ranges.next()) {
        (Some(range), None) if !is_of_another => parse(range.as_bytes(), length),
        _ => Ok(None),
    }
}

/// The requested range is outside of the file.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Unsatisfiable;

fn parse(text: &[u8], length: usize) -> Result<Option<Range<usize>>, Unsatisfiable> {
    let Some((first, last)) = ends(text) else {
        return Ok(None);
    };
    let range = match (first, last) {
        (Some(first), Some(last)) if last < first => return Ok(None),
        (Some(first), last) => first..last.map_or(length, |last| last.saturating_add(1).min(length)),
        (None, Some(last)) => length.saturating_sub(last)..length,
        (None, None) => return Ok(None),
    };
    if range.start < range.end {
        Ok(Some(range))
    } else {
        Err(Unsatisfiable)
    }
}

type Ends = (Option<usize>, Option<usize>);

/// Parses `bytes=<first>-<last>`, either of which may be missing.
fn ends(text: &[u8]) -> Option<Ends> {
    let text = std::str::from_utf8(text).ok()?;
    let (unit, range) = text.split_once('=')?;
    let (first, last) = range
        .trim()
        .split_once('-')
        .filter(|_| unit.trim().eq_ignore_ascii_case("bytes"))?;
    Some((number(first)?, number(last)?))
}

/// A number that is too large for `usize` is beyond the end of any file.
#[expect(clippy::option_option, reason = "missing, a number, or invalid")]
fn number(text: &str) -> Option<Option<usize>> {
    if text.is_empty() {
        return Some(None);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Some(text.parse().unwrap_or(usize::MAX)))
}

/// The elements of a comma-separated list, over all lines of the header.
fn elements(request: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    let lines = request.get_all(name).into_iter();
    lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: &HeaderName, lines: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_bytes(line).unwrap());
        }
        headers
    }

    #[test]
    fn encoding_with_weight_zero_is_not_accepted() {
        let accepts = |lines: &[&[u8]]| accepts(&asking(&header::ACCEPT_ENCODING, lines), "br");
        for yes in [&b"br"[..], b"gzip, BR;q=0.001", b"*", b"gzip;q=0, *;q=0.5", b"\xff, br"] {
            assert!(accepts(&[yes]), "{yes:?}");
        }
        for no in [
            &b""[..],
            b"gzip",
            b"br;q=0",
            b"br; q=0.000, *",
            b"*;q=0",
            b"brotli",
            b"identity",
        ] {
            assert!(!accepts(&[no]), "{no:?}");
        }
        assert!(accepts(&[b"\xff", b"br"]) && !accepts(&[]));
    }

    #[test]
    fn entity_tag_is_found_in_a_list() {
        let tag = HeaderValue::from_static("\"a\"");
        let of = |name: HeaderName, lines: &[&[u8]]| condition(&asking(&name, lines), &tag);
        for known in [&b"\"a\""[..], b"\"b\", W/\"a\"", b"*", b"\"\xff\", \"a\""] {
            assert_eq!(of(header::IF_NONE_MATCH, &[known]), Condition::NotModified, "{known:?}");
        }
        assert_eq!(of(header::IF_NONE_MATCH, &[b"\"b\"", b"\"a\""]), Condition::NotModified);
        assert_eq!(of(header::IF_NONE_MATCH, &[b"\"b\""]), Condition::Matched);
        assert_eq!(of(header::IF_MATCH, &[b"\"a\""]), Condition::Matched);
        for other in [&b"\"b\""[..], b"W/\"a\""] {
            assert_eq!(
                of(header::IF_MATCH, &[other]),
                Condition::PreconditionFailed,
                "{other:?}"
            );
        }
    }

    #[test]
    fn single_range_is_served_and_anything_else_is_the_whole_file() {
        let tag = HeaderValue::from_static("\"a\"");
        let of = |lines: &[&[u8]]| range(&asking(&header::RANGE, lines), &tag, 10);
        for (asked, given) in [
            (&b"bytes=0-3"[..], 0..4),
            (b"bytes=5-", 5..10),
            (b"bytes=-3", 7..10),
            (b"bytes=-30", 0..10),
            (b"BYTES=9-99999999999999999999999", 9..10),
        ] {
            assert_eq!(of(&[asked]), Ok(Some(given)), "{asked:?}");
        }
        for whole in [
            &b"bytes=3-1"[..],
            b"bytes=0-1,3-4",
            b"bytes=a-b",
            b"lines=0-1",
            b"bytes=-",
            b"bytes=+1-2",
            b"\xff",
        ] {
            assert_eq!(of(&[whole]), Ok(None), "{whole:?}");
        }
        assert_eq!(of(&[b"bytes=0-1", b"bytes=2-3"]), Ok(None));
        for beyond in [&b"bytes=10-"[..], b"bytes=99-100", b"bytes=-0"] {
            assert_eq!(of(&[beyond]), Err(Unsatisfiable), "{beyond:?}");
        }
        for (if_range, given) in [
            ("\"a\"", Some(0..4)),
            ("\"b\"", None),
            ("Mon, 30 Nov 2026 07:00:00 GMT", None),
        ] {
            let mut request = asking(&header::RANGE, &[b"bytes=0-3"]);
            request.insert(header::IF_RANGE, if_range.parse().unwrap());
            assert_eq!(range(&request, &tag, 10), Ok(given), "{if_range}");
        }
    }
}
