//! E-mail addresses: what [RFC 5321](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2) allows without quotes, and
//! [RFC 6531](https://www.rfc-editor.org/rfc/rfc6531) adds for other alphabets. Whether there is such a mailbox is not checked.

use super::character::{is_blank, is_format};
use crate::Malformed;

/// Of the whole address, in bytes.
const LONGEST: usize = 254;
/// Of what is before the `@`.
const LONGEST_NAME: usize = 64;
/// Of each part of the host's name.
const LONGEST_LABEL: usize = 63;

/// An e-mail address whose host has a dot in its name. White space at its ends is removed.
///
/// # Errors
/// The text is not an e-mail address.
pub fn email(text: &str) -> Result<String, Malformed> {
    let text = text.trim();
    let is_sound = |(name, host): (&str, &str)| is_name(name) && is_host(host);
    if text.len() <= LONGEST && text.rsplit_once('@').is_some_and(is_sound) {
        Ok(text.to_owned())
    } else {
        Err(Malformed::Email)
    }
}

fn is_name(name: &str) -> bool {
    let is_plain = |character: char| is_visible(character) && !r#"()<>[]\,;:@""#.contains(character);
    name.len() <= LONGEST_NAME
        && name
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(is_plain))
}

fn is_host(host: &str) -> bool {
    let is_plain = |character: char| is_visible(character) && (!character.is_ascii() || is_ascii_label(character));
    let is_label = |label: &str| {
        let has_length = (1..=LONGEST_LABEL).contains(&label.len());
        has_length && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(is_plain)
    };
    host.contains('.') && host.split('.').all(is_label)
}

fn is_ascii_label(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-'
}

fn is_visible(character: char) -> bool {
    !(character.is_whitespace() || character.is_control() || is_format(character) || is_blank(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_host() {
        for good in [
            "ada@example.org",
            "a.b+c@d.e.example",
            "o'neill@example.org",
            "ä@münchen.example",
            "用户@例子.example",
        ] {
            assert_eq!(email(good).as_deref(), Ok(good));
        }
        assert_eq!(email(" ada@example.org\n").as_deref(), Ok("ada@example.org"));
    }

    #[test]
    fn what_no_mail_reaches_is_no_address() {
        for bad in [
            "",
            "ada",
            "@b.example",
            "ada@",
            "ada@localhost",
            "a@b@c.example",
            "a b@c.example",
            "a@b..c",
            "a..b@c.example",
            ".a@c.example",
            "a.@c.example",
            "a@.c.example",
            "a@c.example.",
            "a@-c.example",
            "a@c-.example",
            "a@c_d.example",
            "a@b.example\n@c.example",
            "\u{200b}@b.example",
            "a\u{202e}@b.example",
            "a@b\u{ad}.example",
            "<a@b.example>",
        ] {
            assert_eq!(email(bad), Err(Malformed::Email), "{bad:?}");
        }
        let long = format!("{}@example.org", "x".repeat(65));
        assert_eq!(email(&long), Err(Malformed::Email));
    }
}
