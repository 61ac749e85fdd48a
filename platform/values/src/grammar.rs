//! What may stand in a text. Each function returns the text as it is kept, or why it is refused.

mod character;
mod email;

pub use email::email;

use character::{is_bidi_control, is_format, is_hidden_in_words, is_ink, is_line_separator};

use crate::Malformed;

/// An identifier that people choose, such as an article number: any printable characters, compared exactly, spaces only
/// inside.
///
/// # Errors
/// The text is empty or too long, begins or ends with a space, has an invisible character, or is `.` or `..`.
pub fn code(text: &str, max: usize) -> Result<String, Malformed> {
    let is_printable = |character: char| character == ' ' || !(character.is_whitespace() || is_unprintable(character));
    if !text.chars().any(is_ink) {
        return Err(Malformed::Empty);
    }
    if text.trim() != text {
        return Err(Malformed::Padded);
    }
    if matches!(text, "." | "..") {
        return Err(Malformed::Dots);
    }
    if text.chars().all(is_printable) {
        short(text, max).map(str::to_owned)
    } else {
        Err(Malformed::Hidden)
    }
}

/// A name in addresses: groups of lower case letters and digits, joined by hyphens.
///
/// # Errors
/// The text has another form or is too long.
pub fn slug(text: &str, max: usize) -> Result<String, Malformed> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_group = |group: &str| !group.is_empty() && group.bytes().all(is_letter);
    if text.len() <= max && text.split('-').all(is_group) {
        Ok(text.to_owned())
    } else {
        Err(Malformed::Slug(max))
    }
}

/// One line of text for people: a name, a title, a street. White space at its ends is removed.
///
/// # Errors
/// The text has no visible character, is too long, or has a control character, a line break or a character that changes
/// the direction of the others.
pub fn line(text: &str, max: usize) -> Result<String, Malformed> {
    let text = text.trim();
    if !text.chars().any(is_ink) {
        return Err(Malformed::Empty);
    }
    if text.chars().any(is_hidden_in_words) {
        Err(Malformed::Hidden)
    } else {
        short(text, max).map(str::to_owned)
    }
}

/// Text for people on several lines, possibly empty. Each line break becomes `\n` and each tab a space; byte order marks and
/// characters that change the direction of others are removed.
///
/// # Errors
/// The text is too long or has another control character.
pub fn prose(text: &str, max: usize) -> Result<String, Malformed> {
    let text = text.replace("\r\n", "\n");
    let kept = text.chars().filter_map(|character| match character {
        '\r' | '\u{85}' => Some('\n'),
        _ if is_line_separator(character) => Some('\n'),
        '\t' => Some(' '),
        '\u{feff}' => None,
        _ if is_bidi_control(character) => None,
        _ => Some(character),
    });
    let text: String = kept.collect();
    if text
        .chars()
        .any(|character| character.is_control() && character != '\n')
    {
        Err(Malformed::Hidden)
    } else {
        short(&text, max).map(str::to_owned)
    }
}

fn short(text: &str, max: usize) -> Result<&str, Malformed> {
    match text.chars().nth(max) {
        None => Ok(text),
        Some(_) => Err(Malformed::TooLong(max)),
    }
}

fn is_unprintable(character: char) -> bool {
    character.is_control() || is_format(character) || is_line_separator(character) || character::is_blank(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_any_printable_text() {
        for good in [
            "24-WG085",
            "Woo-tshirt-logo",
            "ABC_123",
            "12.345.67",
            "a/b c",
            "Größe 7",
            "50%?#",
            "...",
            "é",
        ] {
            assert_eq!(code(good, 64).as_deref(), Ok(good));
        }
        assert_eq!(code(&"x".repeat(64), 64).map(|text| text.len()), Ok(64));
    }

    #[test]
    fn a_code_has_nothing_that_cannot_be_seen() {
        for (bad, flaw) in [
            ("", Malformed::Empty),
            ("  ", Malformed::Empty),
            ("\u{200b}", Malformed::Empty),
            ("\u{3164}", Malformed::Empty),
            (" a", Malformed::Padded),
            ("a\n", Malformed::Padded),
            (".", Malformed::Dots),
            ("..", Malformed::Dots),
            (".\t.", Malformed::Hidden),
            ("a\u{a0}b", Malformed::Hidden),
            ("a\u{200d}b", Malformed::Hidden),
            ("a\u{202e}b", Malformed::Hidden),
            ("a\u{2028}b", Malformed::Hidden),
            ("a\u{9b}b", Malformed::Hidden),
            ("a\u{3164}b", Malformed::Hidden),
        ] {
            assert_eq!(code(bad, 64), Err(flaw), "{bad:?}");
        }
        assert_eq!(code(&"x".repeat(65), 64), Err(Malformed::TooLong(64)));
    }

    #[test]
    fn a_slug_is_groups_of_letters_and_digits() {
        for good in ["a", "onda-vase", "24-wg085", &"x".repeat(64)] {
            assert_eq!(slug(good, 64).as_deref(), Ok(good));
        }
        for bad in ["", "-", "a-", "-a", "a--b", "A", "ä", "a b", "a.b", &"x".repeat(65)] {
            assert_eq!(slug(bad, 64), Err(Malformed::Slug(64)), "{bad:?}");
        }
    }

    #[test]
    fn a_line_takes_the_words_of_all_alphabets() {
        for good in [
            "Ada",
            "Straße 1",
            "山田 太郎",
            "عَبْد اللّٰه",
            "नेहा",
            "می\u{200c}خواهم",
            "👩\u{200d}🚀",
            "O'Neill",
        ] {
            assert_eq!(line(good, 120).as_deref(), Ok(good));
        }
        assert_eq!(line("  Ada ", 3).as_deref(), Ok("Ada"));
    }

    #[test]
    fn a_line_is_seen_and_stays_one() {
        for bad in ["", " ", "\u{a0}", "\u{200c}", "\u{2800}", "\u{301}"] {
            assert_eq!(line(bad, 120), Err(Malformed::Empty), "{bad:?}");
        }
        for bad in [
            "a\nb",
            "a\tb",
            "a\0",
            "a\u{202e}b",
            "a\u{2066}b",
            "a\u{2028}b",
            "a\u{feff}b",
            "\u{200b}a",
        ] {
            assert_eq!(line(bad, 120), Err(Malformed::Hidden), "{bad:?}");
        }
        assert_eq!(line("abcd", 3), Err(Malformed::TooLong(3)));
    }

    #[test]
    fn prose_has_one_kind_of_line_break() {
        let text = "\u{feff}a\r\nb\rc\td\u{2028}e\u{202e}f";
        assert_eq!(prose(text, 99).as_deref(), Ok("a\nb\nc d\nef"));
        assert_eq!(prose("", 9).as_deref(), Ok(""));
        assert_eq!(prose("a\0", 9), Err(Malformed::Hidden));
        assert_eq!(prose("abcd", 3), Err(Malformed::TooLong(3)));
    }

    proptest! {
        #[test]
        fn what_was_taken_is_taken_again_as_it_is(text in any::<String>()) {
            for check in [code, slug, line, prose] {
                if let Ok(kept) = check(&text, 64) {
                    prop_assert_eq!(check(&kept, 64), Ok(kept.clone()));
                }
            }
            if let Ok(kept) = email(&text) {
                prop_assert_eq!(email(&kept), Ok(kept.clone()));
            }
        }
    }
}
