//! Texts of others in a log: nothing in them moves the reader's cursor, turns the line around, begins a new one, fills the
//! disk, or lets the reader into somebody's order.

/// Characters of one text that are written.
const LONGEST: usize = 1024;

/// The text, cut, with what cannot be seen written out (`\u{202e}`), and with its ids shortened: who knows an order's
/// id may see the order.
pub(crate) fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len().min(LONGEST));
    let (kept, is_cut) = match text.char_indices().nth(LONGEST) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    };
    let mut rest = kept;
    while let Some(at) = rest.find('-').and_then(|dash| next_id(rest, dash)) {
        escape(&rest[..at], &mut harmless);
        escape(&rest[at..at + 8], &mut harmless);
        harmless.push('…');
        escape(&rest[at + 32..at + ID.len()], &mut harmless);
        rest = &rest[at + ID.len()..];
    }
    escape(rest, &mut harmless);
    if is_cut {
        harmless.push('…');
    }
    harmless
}

/// A UUID's form: `x` is a hexadecimal digit.
const ID: &[u8] = b"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

/// Where the first id begins whose first dash is at `dash` or later.
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
            // What has no glyph of its own is written as Rust writes it.
            _ => into.extend(character.escape_debug()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_is_left_as_it_is() {
        for text in [
            "",
            "/things/7?colour=a%20b",
            "Äpfel \"und\" \\ 日本",
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn ids_are_shortened() {
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
            assert_eq!(harmless(&text), shown, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = "ä".repeat(LONGEST + 1);
        assert_eq!(harmless(&long).chars().count(), LONGEST + 1);
        assert_eq!(harmless(&long[2..]), long[2..]);
    }
}
