//! What a request for a file asks beside the file: encodings, conditions, a range of bytes
//! ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3)). What cannot be read in one header spoils nothing else.

use std::ops::Range;

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What a request's conditions come to for a file of this entity tag.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Condition {
    /// The file is wanted.
    Met,
    /// The client has it: 304.
    Known,
    /// The client means another one: 412.
    Failed,
}

/// Whether an answer may have this encoding: it is named, or everything is; and not with a weight of zero.
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

/// Of the conditions those by tag: a file has no date of its own, and so none by date.
pub(super) fn condition(request: &HeaderMap, tag: &HeaderValue) -> Condition {
    let is_among = |name: HeaderName, weakly: bool| {
        elements(request, name).any(|element| {
            let element = element.strip_prefix(b"W/").filter(|_| weakly).unwrap_or(element);
            element == b"*" || element == tag.as_bytes()
        })
    };
    if request.contains_key(header::IF_MATCH) && !is_among(header::IF_MATCH, false) {
        return Condition::Failed;
    }
    if is_among(header::IF_NONE_MATCH, true) {
        Condition::Known
    } else {
        Condition::Met
    }
}

/// The bytes that are asked for, of `length`; none where it is the whole file, which is also the answer to more than one
/// range and to what cannot be understood.
///
/// # Errors
/// There are no such bytes.
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

/// The file is shorter.
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

/// `bytes=<first>-<last>`, one of which may be left out.
fn ends(text: &[u8]) -> Option<Ends> {
    let text = std::str::from_utf8(text).ok()?;
    let (unit, range) = text.split_once('=')?;
    let (first, last) = range
        .trim()
        .split_once('-')
        .filter(|_| unit.trim().eq_ignore_ascii_case("bytes"))?;
    Some((number(first)?, number(last)?))
}

/// Larger than any file is as good as any other that is.
#[expect(clippy::option_option, reason = "nothing is said, or a number, or nonsense")]
fn number(text: &str) -> Option<Option<usize>> {
    if text.is_empty() {
        return Some(None);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Some(text.parse().unwrap_or(usize::MAX)))
}

/// The elements of a list, over all lines of the header.
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
    fn an_encoding_of_no_weight_is_refused() {
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
    fn a_tag_that_is_known_is_found_among_others() {
        let tag = HeaderValue::from_static("\"a\"");
        let of = |name: HeaderName, lines: &[&[u8]]| condition(&asking(&name, lines), &tag);
        for known in [&b"\"a\""[..], b"\"b\", W/\"a\"", b"*", b"\"\xff\", \"a\""] {
            assert_eq!(of(header::IF_NONE_MATCH, &[known]), Condition::Known, "{known:?}");
        }
        assert_eq!(of(header::IF_NONE_MATCH, &[b"\"b\"", b"\"a\""]), Condition::Known);
        assert_eq!(of(header::IF_NONE_MATCH, &[b"\"b\""]), Condition::Met);
        assert_eq!(of(header::IF_MATCH, &[b"\"a\""]), Condition::Met);
        for other in [&b"\"b\""[..], b"W/\"a\""] {
            assert_eq!(of(header::IF_MATCH, &[other]), Condition::Failed, "{other:?}");
        }
    }

    #[test]
    fn one_range_is_given_and_anything_else_is_the_whole() {
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
