//! Sanitized HTML for descriptions. Merchants import it from other shops, so it is sanitized once, on input.

use std::sync::LazyLock;

use ammonia::Builder;
use serde::{Deserialize, Serialize};
use values::{Malformed, grammar};

/// The limit for sanitized HTML.
const MAX_CHARACTERS: usize = 65_535;
/// The allowed elements: structure, emphasis and links. Pictures, forms, styles and scripts are removed, and so are `id`
/// and `class`, which could collide with those of the page.
const ALLOWED_TAGS: [&str; 40] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];
/// Tags that become a line break in plain text.
const LINE_ENDS: [&str; 16] = [
    "</p>",
    "</div>",
    "</li>",
    "</h2>",
    "</h3>",
    "</h4>",
    "</h5>",
    "</h6>",
    "</tr>",
    "</dt>",
    "</dd>",
    "</caption>",
    "</blockquote>",
    "</pre>",
    "<br>",
    "<hr>",
];

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(ALLOWED_TAGS.into())
        .generic_attributes([].into())
        .clean_content_tags(
            [
                "script", "style", "noscript", "template", "iframe", "object", "svg", "math",
            ]
            .into(),
        )
        .tag_attributes([("a", ["href"].into())].into())
        .url_schemes(["http", "https", "mailto", "tel"].into())
        .link_rel(Some("noopener noreferrer"));
    builder
});

static STRIPPER: LazyLock<Builder<'static>> = LazyLock::new(Builder::empty);

/// Sanitized HTML of at most 65,535 characters, which is safe to insert into a page unescaped.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String")]
pub struct Html(String);

impl Html {
    /// HTML that was sanitized before it was stored.
    #[must_use]
    pub fn from_stored(html: String) -> Self {
        Self(html)
    }

    /// Plain text as HTML, one paragraph for each line.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let paragraphs = text.split('\n').map(str::trim).filter(|line| !line.is_empty());
        let marked = paragraphs.flat_map(|line| ["<p>".to_owned(), escaped(line), "</p>".to_owned()]);
        Self(marked.collect())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text without markup, one line for each block element.
    #[must_use]
    pub fn to_text(&self) -> String {
        let spaced = self
            .0
            .replace('\n', " ")
            .replace("</td>", "</td> ")
            .replace("</th>", "</th> ");
        let broken = LINE_ENDS
            .iter()
            .fold(spaced, |html, end| html.replace(end, &format!("{end}\n")));
        let bare = unescaped(&STRIPPER.clean(&broken).to_string());
        let lines = bare
            .split('\n')
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

impl TryFrom<String> for Html {
    type Error = Malformed;

    fn try_from(html: String) -> Result<Self, Malformed> {
        let html = grammar::prose(&html, usize::MAX)?;
        let clean = SANITIZER.clean(&html).to_string();
        // The page has its own `h1`.
        let clean = clean.replace("<h1>", "<h2>").replace("</h1>", "</h2>");
        let clean = clean.trim();
        if clean.chars().nth(MAX_CHARACTERS).is_none() {
            Ok(Self(clean.to_owned()))
        } else {
            Err(Malformed::TooLong(MAX_CHARACTERS))
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Undoes the escapes of the [HTML serializer](https://html.spec.whatwg.org/multipage/parsing.html#escapingString).
fn unescaped(text: &str) -> String {
    let text = text
        .replace("&nbsp;", "\u{a0}")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn html(text: &str) -> String {
        Html::try_from(text.to_owned()).unwrap().0
    }

    #[test]
    fn simple_markup_is_kept() {
        let simple = "<p>Soft <strong>and</strong> <em>warm</em>.</p><ul><li>One</li><li>Two</li></ul>";
        assert_eq!(html(simple), simple);
        assert_eq!(html("a\r\nb\tc &amp; 5 < 6 &euro;"), "a\nb c &amp; 5 &lt; 6 €");
        assert_eq!(
            html("<h1 class=\"x\" style=\"a\">T</h1><span id=y>s</span>"),
            "<h2>T</h2>s"
        );
        let link = html("<a href=\"https://example.org/?a=1&amp;b=2\" target=_blank onclick=x>there</a>");
        assert_eq!(
            link,
            "<a href=\"https://example.org/?a=1&amp;b=2\" rel=\"noopener noreferrer\">there</a>"
        );
    }

    #[test]
    fn active_content_is_removed() {
        for bad in [
            "<script>alert(1)</script>",
            "<style>*{display:none}</style>",
            "<img src=x onerror=alert(1)>",
            "<iframe src=//evil.example></iframe>",
            "<!-- esi --><!--esi <esi:include src=/x/> -->",
            "<esi:include src=\"/checkout/fragments/mini-cart\"/>",
            "<svg onload=alert(1)></svg>",
            "<form action=/cart/lines><input name=sku></form>",
            "<base href=//evil.example><meta http-equiv=refresh content=0><link rel=stylesheet href=x>",
        ] {
            assert_eq!(html(bad), "", "{bad}");
        }
        assert_eq!(
            html("<a href=\"javascript:alert(1)\">x</a>"),
            "<a rel=\"noopener noreferrer\">x</a>"
        );
        assert_eq!(html("<template><p>x</p></template><b>ok</b>"), "<b>ok</b>");
        assert_eq!(html("<p>never closed <b>bold"), "<p>never closed <b>bold</b></p>");
    }

    #[test]
    fn html_converts_to_plain_text_and_back() {
        let all = Html(html(
            "<p>One &amp; <b>two</b><br>three&nbsp;!</p><ul><li>four</li><li>&lt;five&gt;</li></ul>",
        ));
        assert_eq!(all.to_text(), "One & two\nthree !\nfour\n<five>");
        assert_eq!(
            Html::from_text("a < b\n\n c & d ").as_str(),
            "<p>a &lt; b</p><p>c &amp; d</p>"
        );
    }

    #[test]
    fn length_is_limited_after_sanitizing() {
        assert!(Html::try_from("ä".repeat(MAX_CHARACTERS)).is_ok());
        assert!(Html::try_from("ä".repeat(MAX_CHARACTERS + 1)).is_err());
        assert!(Html::try_from("a\0".to_owned()).is_err());
    }

    proptest! {
        #[test]
        fn only_allowed_tags_are_kept(text in "(<[a-z!/ ='\":;]{0,12}>|&[a-z]{0,5};|[^\\pC]){0,40}") {
            let Ok(Html(html)) = Html::try_from(text) else { return Ok(()) };
            for mark in html.split('<').skip(1) {
                let name: String = mark.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                prop_assert!(ALLOWED_TAGS.contains(&&*name), "{}", html);
            }
        }

        #[test]
        fn text_survives_the_way_to_html_and_back(text in "[^\\pC\\s]{1,20}( [^\\pC\\s]{1,20}){0,3}") {
            prop_assert_eq!(Html::from_text(&text).to_text(), text);
        }
    }
}
