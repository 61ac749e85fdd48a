//! Validated texts. A value of one of these types is always valid.

use values::{Malformed, Text, grammar, text_type};

text_type!(
    /// A stock keeping unit (SKU), which identifies a variant: 1 to 64 printable characters. SKUs are compared exactly,
    /// including case.
    #[schema(min_length = 1, max_length = 64)]
    pub struct Sku(|text| grammar::code(text, 64));
);

text_type!(
    /// One line of text, 1 to 255 characters. Line breaks become spaces.
    #[schema(min_length = 1, max_length = 255)]
    pub struct Name(name);
);

fn name(text: &str) -> Result<String, Malformed> {
    let text = grammar::prose(text, usize::MAX)?;
    let line = text.replace('\n', " ").replace(['\u{200b}', '\u{2060}'], "");
    grammar::line(&line, 255)
}

/// A short description; may be empty.
pub type Summary = Text<500, 0>;
/// The value of a product's detail.
pub type DetailValue = Text<1000>;
/// Alternative text of a picture; empty if the surrounding text says the same.
pub type AltText = Text<512, 0>;

text_type!(
    /// A path in this shop, never on another host.
    #[schema(pattern = "^/([^/].*)?$", max_length = 300)]
    pub struct Href(href);
);

fn href(text: &str) -> Result<String, Malformed> {
    // Browsers read a backslash as a slash, and `//host` as another host.
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
    let is_plain = text.len() <= 300 && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_path && is_plain {
        Ok(text.to_owned())
    } else {
        Err(Malformed::Rule("must be a path in this shop, such as /category/vases"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_in_names_become_spaces() {
        let name = |text: &str| Name::try_from(text.to_owned()).map(|name| name.0);
        for broken in ["Onda\nvase", "Onda\r\nvase", "Onda\tvase", " Onda\u{2028}vase\n"] {
            assert_eq!(name(broken).as_deref(), Ok("Onda vase"), "{broken:?}");
        }
        assert_eq!(name("On\u{200b}da\u{2060}").as_deref(), Ok("Onda"));
        for bad in ["", "\n", "\u{200b}", "a\0", &"x".repeat(256)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn href_never_leaves_the_shop() {
        let href = |text: &str| Href::try_from(text.to_owned()).is_ok();
        for good in ["/", "/category/vases", "/search?q=a+b", "/stores#berlin"] {
            assert!(href(good), "{good}");
        }
        for bad in [
            "",
            "vases",
            "//host",
            "/\\host",
            "\\/host",
            "https://host",
            "javascript:0",
            "/a b",
            "/\t/host",
            "/ä",
            &format!("/{}", "x".repeat(300)),
        ] {
            assert!(!href(bad), "{bad:?}");
        }
    }
}
