//! Addresses with something in them that others have named.

/// A path with one parameter, whose value may hold any signs.
#[must_use]
pub fn address(path: &str, name: &str, value: &str) -> String {
    let mut address = [path, "?", name, "="].concat();
    for byte in value.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => address.push(char::from(byte)),
            _ => {
                address.push('%');
                for digit in [byte >> 4, byte & 15] {
                    address.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
                }
            }
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_signs_have_an_address() {
        assert_eq!(address("/a", "b", "onda-vase_1.~"), "/a?b=onda-vase_1.~");
        assert_eq!(address("/a", "b", "a b/ü&?#%"), "/a?b=a%20b%2F%C3%BC%26%3F%23%25");
    }
}
