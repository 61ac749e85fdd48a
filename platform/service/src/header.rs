//! Reading headers of strangers: what cannot be read in one spoils nothing else in it.

use http::{HeaderMap, HeaderName};

/// The pieces of a header between `separator`s, over all of its lines, without the white space around them. A piece that
/// is no text is left out; the others stay: other people's cookies may hold whatever they like.
pub fn pieces(headers: &HeaderMap, name: HeaderName, separator: u8) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter();
    let pieces = lines.flat_map(move |line| line.as_bytes().split(move |byte| *byte == separator));
    pieces.filter_map(|piece| std::str::from_utf8(piece.trim_ascii()).ok())
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    #[test]
    fn what_cannot_be_read_spoils_nothing_else() {
        let mut headers = HeaderMap::new();
        for line in [&b"city=Z\xfcrich; own=1 ;theme=d\xc3\xbcster"[..], b"\xff", b"last=2"] {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        let found: Vec<_> = pieces(&headers, header::COOKIE, b';').collect();
        assert_eq!(found, ["own=1", "theme=düster", "last=2"]);
    }
}
