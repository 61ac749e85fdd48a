//! Texts from outside, checked once where they come in. Each function gives the text as it is kept, or says what is wrong
//! with it in words that follow the name of the field: "must be at most 64 characters".
//!
//! Lengths are counted in characters. Invisible characters are no text: what looks the same is the same, and what
//! looks empty is empty.

#![warn(missing_docs)]

mod character;
mod email;

pub use email::email;

use character::{is_bidi_control, is_format, is_hidden_in_words, is_ink, is_line_separator};

/// Why a text is not what it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Flaw {
    /// Nothing can be seen in it.
    #[error("must not be empty")]
    Empty,
    /// It has more characters than this.
    #[error("must be at most {0} characters")]
    TooLong(usize),
    /// It has a character that cannot be seen or would change how the others are shown.
    #[error("must not contain control or invisible characters")]
    Hidden,
    /// It begins or ends with white space.
    #[error("must not begin or end with a space")]
    Padded,
    /// It is `.` or `..`, which mean something else in an address.
    #[error("must not be one or two dots")]
    Dots,
    /// It is not written as names in addresses are, with this many characters at most.
    #[error("must be at most {0} lower case letters and digits, in groups joined by hyphens")]
    Slug(usize),
    /// It is no e-mail address.
    #[error("must be an e-mail address, such as name@example.org")]
    Email,
}

/// An identifier that people write: any printable characters, compared exactly. Spaces only inside.
///
/// # Errors
/// It is empty or too long, has a space at an end or a character that cannot be seen, or is `.` or `..`.
pub fn code(text: &str, max: usize) -> Result<String, Flaw> {
    let is_printable = |character: char| character == ' ' || !(character.is_whitespace() || is_unprintable(character));
    if !text.chars().any(is_ink) {
        return Err(Flaw::Empty);
    }
    if text.trim() != text {
        return Err(Flaw::Padded);
    }
    if matches!(text, "." | "..") {
        return Err(Flaw::Dots);
    }
    if text.chars().all(is_printable) {
        short(text, max).map(str::to_owned)
    } else {
        Err(Flaw::Hidden)
    }
}

/// A name in addresses: groups of lower case letters and digits with hyphens between them.
///
/// # Errors
/// It is written otherwise, or longer.
pub fn slug(text: &str, max: usize) -> Result<String, Flaw> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_group = |group: &str| !group.is_empty() && group.bytes().all(is_letter);
    if text.len() <= max && text.split('-').all(is_group) {
        Ok(text.to_owned())
    } else {
        Err(Flaw::Slug(max))
    }
}

/// One line of words for people: a name, a title, a street. White space at its ends is taken away.
///
/// # Errors
/// Nothing can be seen in it, it is too long, or it has a control character, a line break or a character that turns the
/// direction of others.
pub fn line(text: &str, max: usize) -> Result<String, Flaw> {
    let text = text.trim();
    if !text.chars().any(is_ink) {
        return Err(Flaw::Empty);
    }
    if text.chars().any(is_hidden_in_words) {
        Err(Flaw::Hidden)
    } else {
        short(text, max).map(str::to_owned)
    }
}

/// Words for people on several lines. Each line break becomes `\n`, a tab a space; characters that turn the direction of
/// others, and byte order marks, are taken out. May be empty.
///
/// # Errors
/// It is too long, or has another control character.
pub fn prose(text: &str, max: usize) -> Result<String, Flaw> {
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
        Err(Flaw::Hidden)
    } else {
        short(&text, max).map(str::to_owned)
    }
}

fn short(text: &str, max: usize) -> Result<&str, Flaw> {
    match text.chars().nth(max) {
        None => Ok(text),
        Some(_) => Err(Flaw::TooLong(max)),
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
            ("", Flaw::Empty),
            ("  ", Flaw::Empty),
            ("\u{200b}", Flaw::Empty),
            ("\u{3164}", Flaw::Empty),
            (" a", Flaw::Padded),
            ("a\n", Flaw::Padded),
            (".", Flaw::Dots),
            ("..", Flaw::Dots),
            (".\t.", Flaw::Hidden),
            ("a\u{a0}b", Flaw::Hidden),
            ("a\u{200d}b", Flaw::Hidden),
            ("a\u{202e}b", Flaw::Hidden),
            ("a\u{2028}b", Flaw::Hidden),
            ("a\u{9b}b", Flaw::Hidden),
            ("a\u{3164}b", Flaw::Hidden),
        ] {
            assert_eq!(code(bad, 64), Err(flaw), "{bad:?}");
        }
        assert_eq!(code(&"x".repeat(65), 64), Err(Flaw::TooLong(64)));
    }

    #[test]
    fn a_slug_is_groups_of_letters_and_digits() {
        for good in ["a", "onda-vase", "24-wg085", &"x".repeat(64)] {
            assert_eq!(slug(good, 64).as_deref(), Ok(good));
        }
        for bad in ["", "-", "a-", "-a", "a--b", "A", "ä", "a b", "a.b", &"x".repeat(65)] {
            assert_eq!(slug(bad, 64), Err(Flaw::Slug(64)), "{bad:?}");
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
            assert_eq!(line(bad, 120), Err(Flaw::Empty), "{bad:?}");
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
            assert_eq!(line(bad, 120), Err(Flaw::Hidden), "{bad:?}");
        }
        assert_eq!(line("abcd", 3), Err(Flaw::TooLong(3)));
    }

    #[test]
    fn prose_has_one_kind_of_line_break() {
        let text = "\u{feff}a\r\nb\rc\td\u{2028}e\u{202e}f";
        assert_eq!(prose(text, 99).as_deref(), Ok("a\nb\nc d\nef"));
        assert_eq!(prose("", 9).as_deref(), Ok(""));
        assert_eq!(prose("a\0", 9), Err(Flaw::Hidden));
        assert_eq!(prose("abcd", 3), Err(Flaw::TooLong(3)));
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
