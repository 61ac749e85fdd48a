//! Sanitizing text from outside for logs: it must not move the reader's cursor, reorder or split the line, fill the disk, or
//! reveal an id that gives access to an order.

/// Characters of one text to write, at most.
const MAX_CHARACTERS: usize = 1024;

/// The text, truncated, with invisible characters escaped (`\u{202e}`) and UUIDs shortened: whoever knows an order's id may
/// see the order.
pub(crate) fn sanitize(text: &str) -> String {
    let mut sanitized = String::with_capacity(text.len().min(MAX_CHARACTERS));
    let (kept, is_cut) = match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    };
    let mut rest = kept;
    while let Some(at) = rest.find('-').and_then(|dash| next_id(rest, dash)) {
        escape(&rest[..at], &mut sanitized);
        escape(&rest[at..at + 8], &mut sanitized);
        sanitized.push('…');
        escape(&rest[at + 32..at + ID.len()], &mut sanitized);
        rest = &rest[at + ID.len()..];
    }
    escape(rest, &mut sanitized);
    if is_cut {
        sanitized.push('…');
    }
    sanitized
}

/// The form of a UUID: `x` is a hexadecimal digit.
const ID: &[u8] = b"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

/// The start of the first UUID whose first dash is at `dash` or later.
fn next_id(text: &str, dash: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (dash.saturating_sub(8)..(bytes.len() + 1).saturating_sub(ID.len())).find(|at| is_id(&bytes[*at..*at + ID.len()]))
}

fn is_id(bytes: &[u8]) -> bool {
    let mut pairs = bytes.iter().zip(ID);
    pairs.all(|(byte, form)| match form {
        b'-' => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            ' '..='~' => into.push(character),
            // Characters without a glyph are escaped as in Rust.
            _ => into.extend(character.escape_debug()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_text_is_unchanged() {
        for text in [
            "",
            "/things/7?colour=a%20b",
            "Äpfel \"und\" \\ 日本",
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ] {
            assert_eq!(sanitize(text), text);
        }
    }

    #[test]
    fn uuids_are_shortened() {
        let id = "0198c5e4-7b1f-7cc2-9f43-00f067aa0ba9";
        for (text, shown) in [
            (id.to_owned(), "0198c5e4…0ba9"),
            (format!("/orders/{id}?x=-1"), "/orders/0198c5e4…0ba9?x=-1"),
            (
                format!("a-b {id},{} c", id.to_uppercase()),
                "a-b 0198c5e4…0ba9,0198C5E4…0BA9 c",
            ),
            (format!("ä-{id}-ä"), "ä-0198c5e4…0ba9-ä"),
            (id[1..].to_owned(), &id[1..]),
        ] {
            assert_eq!(sanitize(&text), shown, "{text}");
        }
    }

    #[test]
    fn long_text_is_truncated_between_characters() {
        let long = "ä".repeat(MAX_CHARACTERS + 1);
        assert_eq!(sanitize(&long).chars().count(), MAX_CHARACTERS + 1);
        assert_eq!(sanitize(&long[2..]), long[2..]);
    }
}
