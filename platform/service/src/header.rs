//! Parsing of request headers that may contain anything.

use http::{HeaderMap, HeaderName};

/// The items of a header between `separator`s, over all of its lines, without surrounding white space. Items that are not
/// UTF-8 are skipped, the others are returned: a request may have cookies of other sites.
pub fn header_items(headers: &HeaderMap, name: HeaderName, separator: u8) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter();
    let items = lines.flat_map(move |line| line.as_bytes().split(move |byte| *byte == separator));
    items.filter_map(|item| std::str::from_utf8(item.trim_ascii()).ok())
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    #[test]
    fn invalid_items_are_skipped() {
        let mut headers = HeaderMap::new();
        for line in [&b"city=Z\xfcrich; own=1 ;theme=d\xc3\xbcster"[..], b"\xff", b"last=2"] {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        let found: Vec<_> = header_items(&headers, header::COOKIE, b';').collect();
        assert_eq!(found, ["own=1", "theme=düster", "last=2"]);
    }
}
