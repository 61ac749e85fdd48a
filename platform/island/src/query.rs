//! URLs with query parameters.

/// Appends one query parameter to a path. The value may contain any characters; it is percent-encoded.
#[must_use]
pub fn with_query(path: &str, name: &str, value: &str) -> String {
    let mut url = [path, "?", name, "="].concat();
    for byte in value.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => url.push(char::from(byte)),
            _ => {
                url.push('%');
                for digit in [byte >> 4, byte & 15] {
                    url.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
                }
            }
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_is_percent_encoded() {
        assert_eq!(with_query("/a", "b", "onda-vase_1.~"), "/a?b=onda-vase_1.~");
        assert_eq!(with_query("/a", "b", "a b/ü&?#%"), "/a?b=a%20b%2F%C3%BC%26%3F%23%25");
    }
}
