//! Names and their forms: `gift-cards`, `gift_cards`, `GiftCards`, `GIFT_CARDS`, `Gift cards`.

use machine::{Result, fail};

/// So that names fit into tables and log lines.
const LONGEST: usize = 32;

/// Names with a meaning in Rust, in SQL, in addresses or in the templates.
const RESERVED: &str = "\
    abstract add all alter and any api app as asc assets async await become between bff bffs body box break by case \
    check column const continue crate create cursor db default delete desc do drop dyn else end enum error errors \
    extern false final fn for foreign fragment fragments from frontend frontends get grant group groups health if \
    impl in index insert into item items join key let limit list lists loop match metrics mod move mut name names \
    not null offset on or order page pages query ref row rows select self service services set shell slice slug \
    slugs sql status statuses store struct summaries summary super table tables teaser then to trait true try tx \
    type typeof union unique unsafe unsized update use user values view virtual when where while yield";

/// Endings that other packages and clients have.
const ENDINGS: [&str; 4] = ["-bff", "-frontend", "-islands", "-waiting"];

/// A name in lower case words joined by hyphens.
#[derive(Clone, Debug, PartialEq)]
pub struct Name(String);

impl Name {
    /// Checks a name.
    pub fn new(text: &str) -> Result<Self> {
        let is_word = |word: &str| {
            let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            word.starts_with(|first: char| first.is_ascii_lowercase()) && word.bytes().all(is_letter)
        };
        if !text.split('-').all(is_word) {
            return fail(format!(
                "{text:?} is not a name: it has to be words of lower case letters and digits, joined by hyphens, such as gift-cards"
            ));
        }
        if text.len() > LONGEST {
            return fail(format!("{text} is too long: a name has at most {LONGEST} characters"));
        }
        if RESERVED.split(' ').any(|word| word == text) {
            return fail(format!(
                "{text} is a word of Rust, of SQL or of the shop: choose another name"
            ));
        }
        if let Some(ending) = ENDINGS.into_iter().find(|ending| text.ends_with(ending)) {
            return fail(format!(
                "{text} must not end with {ending}, as the names of other packages do"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// A name in camel case, as a schema has it: `GiftCard`.
    pub fn from_camel(text: &str) -> Result<Self> {
        let mut kebab = String::new();
        for character in text.chars() {
            if character.is_ascii_uppercase() && !kebab.is_empty() {
                kebab.push('-');
            }
            kebab.push(character.to_ascii_lowercase());
        }
        Self::new(&kebab)
    }

    /// `gift-cards`
    pub fn kebab(&self) -> &str {
        &self.0
    }

    /// `gift_cards`
    pub fn snake(&self) -> String {
        self.0.replace('-', "_")
    }

    /// `GIFT_CARDS`
    pub fn upper(&self) -> String {
        self.snake().to_uppercase()
    }

    /// `GiftCards`
    pub fn camel(&self) -> String {
        self.0.split('-').map(capital).collect()
    }

    /// `gift cards`
    pub fn words(&self) -> String {
        self.0.replace('-', " ")
    }

    /// `Gift cards`
    pub fn title(&self) -> String {
        capital(&self.words())
    }

    /// `a gift card`, `an offer`
    pub fn with_article(&self) -> String {
        let is_vowel = self.0.starts_with(['a', 'e', 'i', 'o']);
        let article = if is_vowel { "an" } else { "a" };
        format!("{article} {}", self.words())
    }

    /// The singular, by the most frequent rules of English, if this is a plural.
    pub fn singular(&self) -> Option<Self> {
        let end = |cut: usize, end: &str| Some(Self(format!("{}{end}", &self.0[..self.0.len() - cut])));
        let has = |ending: &str| self.0.ends_with(ending);
        if has("ies") && self.0.len() > 4 {
            end(3, "y")
        } else if ["sses", "shes", "ches", "xes", "zzes"].into_iter().any(has) {
            end(2, "")
        } else if has("s") && !["ss", "us", "is", "news", "series"].into_iter().any(has) {
            end(1, "")
        } else {
            None
        }
    }

    /// The plural, by the same rules.
    pub fn plural(&self) -> Self {
        let text = &self.0;
        let before_y = text
            .strip_suffix('y')
            .filter(|rest| !rest.ends_with(['a', 'e', 'i', 'o', 'u']));
        if let Some(rest) = before_y {
            Self(format!("{rest}ies"))
        } else if ["s", "sh", "ch", "x", "z"]
            .into_iter()
            .any(|ending| text.ends_with(ending))
        {
            Self(format!("{text}es"))
        } else {
            Self(format!("{text}s"))
        }
    }
}

/// The text with a capital letter.
pub fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    #[test]
    fn name_has_several_forms() {
        let name = name("gift-cards");
        assert_eq!(
            (name.kebab(), &*name.snake(), &*name.upper()),
            ("gift-cards", "gift_cards", "GIFT_CARDS")
        );
        assert_eq!(
            (&*name.camel(), &*name.words(), &*name.title()),
            ("GiftCards", "gift cards", "Gift cards")
        );
        assert_eq!(Name::from_camel("GiftCard").unwrap().kebab(), "gift-card");
    }

    #[test]
    fn unsuitable_name_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "lower case letters"),
            ("Gift", "lower case letters"),
            ("gift_cards", "lower case letters"),
            ("gift--cards", "lower case letters"),
            ("-gift", "lower case letters"),
            ("2nd", "lower case letters"),
            ("gift-2", "lower case letters"),
            ("../x", "lower case letters"),
            ("größe", "lower case letters"),
            ("match", "a word of Rust"),
            ("order", "a word of Rust"),
            ("gifts-bff", "must not end with -bff"),
            ("a-very-long-name-that-is-too-long", "at most 32"),
        ] {
            let error = Name::new(text).expect_err(text).to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn singular_and_plural_belong_together() {
        for (plural, singular) in [
            ("gift-cards", "gift-card"),
            ("wishes", "wish"),
            ("categories", "category"),
            ("addresses", "address"),
            ("offers", "offer"),
            ("prices", "price"),
            ("days", "day"),
        ] {
            assert_eq!(name(plural).singular(), Some(name(singular)), "{plural}");
            assert_eq!(name(singular).plural(), name(plural), "{singular}");
        }
        for text in ["loyalty", "news", "status-bus", "address"] {
            assert_eq!(name(text).singular(), None, "{text}");
        }
    }

    #[test]
    fn article_fits_the_word() {
        assert_eq!(name("gift-card").with_article(), "a gift card");
        assert_eq!(name("offer").with_article(), "an offer");
    }
}
