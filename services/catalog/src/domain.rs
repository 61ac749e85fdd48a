//! What the catalog holds, and the rules it keeps.

mod category;
mod fold;
mod html;
mod listing;
mod product;
mod rules;
mod shop;
mod story;
mod text;
mod trade;

pub use category::Category;
pub use fold::{folded, order_key};
pub use html::Html;
pub use listing::{Cursor, Key, Page, Sort, View, Wanted, Which, Words};
pub use product::{Article, Choice, Detail, Parent, Picture, Plain, Product, Variant};
pub use shop::{Address, Hours, Shop};
pub use story::{Link, Story};
pub use text::{Alt, Country, Fact, Href, Malformed, Name, Sku, Slug, Summary, Text};
pub use trade::{Gtin, Status, Weight};

/// A rule that a field breaks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Where, as a JSON pointer: `/variants/0/sku`
    pub pointer: String,
    /// What is wrong, for people
    pub detail: &'static str,
}

impl Violation {
    /// A broken rule.
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: &'static str) -> Self {
        Self {
            pointer: pointer.into(),
            detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_strict() {
        let slug = |text: &str| Slug::try_from(text.to_owned()).is_ok();
        for good in ["a", "onda-vase", "30-cm", &"x".repeat(64)] {
            assert!(slug(good), "{good}");
        }
        for bad in [
            "",
            "-",
            "a-",
            "-a",
            "a--b",
            "A",
            "a b",
            "ä",
            "a/b",
            "a\0",
            &"x".repeat(65),
        ] {
            assert!(!slug(bad), "{bad:?}");
        }
    }

    #[test]
    fn links_stay_in_the_shop() {
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
