//! The templates: files of example parts, in which the names of the example are replaced by those of the new part.

use crate::name::Name;

/// The path of a file below `templates/`, without `.tmpl`, and its text.
pub type Template = (&'static str, &'static str);

macro_rules! templates {
    ($folder:literal: $($path:literal)*) => {
        &[$(($path, include_str!(concat!("../templates/", $folder, "/", $path, ".tmpl")))),*]
    };
}

/// The service `gift-registry` with the resource `gift-cards`.
pub const SERVICE: &[Template] = templates!["service":
    "Cargo.toml"
    "README.md"
    "migrations/0001_gift_cards.sql"
    "src/domain.rs"
    "src/error.rs"
    "src/http.rs"
    "src/http/gift_cards.rs"
    "src/lib.rs"
    "src/main.rs"
    "src/store.rs"
    "src/store/gift_cards.rs"
    "tests/api/contract.rs"
    "tests/api/main.rs"
    "tests/api/resource.rs"
];

/// The BFF `wish-lists`, which reads `gift-cards` from `gift-registry`.
pub const BFF: &[Template] = templates!["bff":
    "Cargo.toml"
    "README.md"
    "src/error.rs"
    "src/http.rs"
    "src/http/gift_cards.rs"
    "src/lib.rs"
    "src/main.rs"
    "src/upstream.rs"
    "src/upstream/gift_registry.rs"
    "src/view.rs"
    "tests/api/contract.rs"
    "tests/api/gift_cards.rs"
    "tests/api/main.rs"
];

/// The frontend `wish-lists`, which draws the `gift-cards` of its BFF.
pub const FRONTEND: &[Template] = templates!["frontend":
    "Cargo.toml"
    "README.md"
    "src/bff.rs"
    "src/fragments.rs"
    "src/fragments/teaser.rs"
    "src/http.rs"
    "src/lib.rs"
    "src/main.rs"
    "src/pages.rs"
    "src/pages/error.rs"
    "src/pages/list.rs"
    "style.css"
    "tests/api/main.rs"
    "tests/api/pages.rs"
];

/// The texts to replace, and their replacements.
#[derive(Debug, Default)]
pub struct Filling(Vec<(String, String)>);

impl Filling {
    /// Replaces a name in braces: `{port}`.
    #[must_use]
    pub fn value(self, name: &str, value: impl Into<String>) -> Self {
        self.text(format!("{{{name}}}"), value.into())
    }

    /// Replaces a name of the example in all its forms.
    #[must_use]
    pub fn name(self, example: &str, name: &Name) -> Self {
        let example = Name::new(example).expect("an example's name is one");
        let forms = |name: &Name| {
            let article = name.with_article();
            let kebab = name.kebab().to_owned();
            let texts = [name.words(), name.title(), crate::name::capital(&article), article];
            let code = [kebab, name.snake(), name.camel(), name.upper()];
            texts.into_iter().chain(code)
        };
        let pairs = forms(&example).zip(forms(name));
        pairs.fold(self, |filling, (from, to)| filling.text(from, to))
    }

    fn text(mut self, from: String, to: String) -> Self {
        self.0.push((from, to));
        // The longest match wins: `gift-cards`, not `gift-card`.
        self.0.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        self
    }

    /// Fills a template's text or path. Replacements are not replaced again.
    #[must_use]
    pub fn fill(&self, template: &str) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some(character) = rest.chars().next() {
            let fits = self.0.iter().find(|(from, _)| rest.starts_with(from.as_str()));
            if let Some((from, to)) = fits {
                filled.push_str(to);
                rest = &rest[from.len()..];
            } else {
                filled.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn files(folder: &Path) -> Vec<String> {
        let entries = folder.read_dir().unwrap().flatten().map(|entry| entry.path());
        let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
        let files = files.into_iter().map(|path| path.to_str().unwrap().to_owned());
        files
            .chain(folders.iter().flat_map(|folder| self::files(folder)))
            .collect()
    }

    #[test]
    fn every_template_is_listed() {
        for (folder, templates) in [("service", SERVICE), ("bff", BFF), ("frontend", FRONTEND)] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(folder);
            let listed = templates.iter().map(|(path, _)| folder.join(format!("{path}.tmpl")));
            let listed: BTreeSet<_> = listed.map(|path| path.to_str().unwrap().to_owned()).collect();
            assert_eq!(listed, files(&folder).into_iter().collect());
        }
    }

    #[test]
    fn name_is_replaced_in_each_form() {
        let filling = Filling::default()
            .name("gift-card", &name("gift-offer"))
            .name("gift-cards", &name("gift-offers"));
        let template = "a gift card: GiftCardList, gift_cards, listGiftCards, Gift cards, STOA_GIFT_CARD";
        let filled = "a gift offer: GiftOfferList, gift_offers, listGiftOffers, Gift offers, STOA_GIFT_OFFER";
        assert_eq!(filling.fill(template), filled);
        let filling = Filling::default().name("gift-card", &name("offer"));
        assert_eq!(
            filling.fill("A gift card. Deletes a gift card."),
            "An offer. Deletes an offer."
        );
    }

    #[test]
    fn replacement_is_not_replaced_again() {
        let filling = Filling::default()
            .name("wish-lists", &name("gift-registry"))
            .name("gift-registry", &name("cards"));
        assert_eq!(
            filling.value("port", "4108").fill("wish_lists gift-registry {port}"),
            "gift_registry cards 4108"
        );
    }
}
