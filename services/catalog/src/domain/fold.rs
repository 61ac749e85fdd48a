//! Case and accent folding for the search, and sort keys for names. Made here, since databases differ in both.

use std::fmt::Write;
use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Sort keys are cut to this many bytes, which an index can hold. The order of names that agree this far is undefined.
const MAX_KEY_BYTES: usize = 256;

/// The default, language-neutral order of the [Unicode Collation Algorithm](https://www.unicode.org/reports/tr10/), with
/// digits compared by their numeric value.
static COLLATOR: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    let mut preferences = CollatorPreferences::default();
    preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    Collator::try_new(preferences, CollatorOptions::default()).expect("the collation data is compiled in")
});

/// Folds a text for the search: removes differences in case, accents, ligatures and kinds of hyphens and apostrophes.
#[must_use]
pub fn folded(text: &str) -> String {
    let bare = text
        .nfkd()
        .filter(|&character| !is_combining_mark(character) && !is_invisible(character));
    // Through upper case, so that ß becomes ss and a final sigma becomes a sigma.
    let cased = bare.flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    cased.for_each(|character| match replacement(character) {
        Some(replacement) => folded.push_str(replacement),
        None => folded.push(character),
    });
    folded
}

/// Replaces letters that NFKD does not decompose, and variants of hyphens and apostrophes.
fn replacement(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        'ŧ' => "t",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fb}' => "-",
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '`' | '´' => "'",
        _ => return None,
    })
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The sort key of a name: its collation key in hexadecimal, which every database orders byte by byte.
#[must_use]
pub fn sort_key(name: &str) -> String {
    let mut key = Vec::new();
    let Ok(()) = COLLATOR.write_sort_key_to(name, &mut key);
    key.truncate(MAX_KEY_BYTES);
    key.iter().fold(String::with_capacity(2 * key.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_accents_and_hyphens_are_folded() {
        for (written, typed) in [
            ("Äpfel", "apfel"),
            ("Éclair", "eclair"),
            ("Größe", "GROSSE"),
            ("Smørrebrød", "smorrebrod"),
            ("Łódź", "lodz"),
            ("Œuvre", "oeuvre"),
            ("ﬁne", "fine"),
            ("T\u{2011}Shirt", "t-shirt"),
            ("Weih\u{ad}nachten", "weihnachten"),
            ("Zoë’s", "zoe's"),
            ("İstanbul", "istanbul"),
            ("ΟΔΟΣ", "οδος"),
            ("Ｗ１", "w1"),
        ] {
            assert_eq!(folded(written), folded(typed), "{written}");
        }
        assert_eq!(folded("大阪"), "大阪");
    }

    #[test]
    fn sort_keys_order_names_as_a_dictionary_does() {
        let sorted = [
            "10 cm", "Apfel", "äpfel", "Äpfel", "apfel 2", "Apfel 10", "Eclair", "Éclair", "Zebra", "Ωmega", "大阪",
        ];
        let mut shuffled = sorted;
        shuffled.reverse();
        shuffled.sort_by_cached_key(|name| sort_key(name));
        let index = |name: &str| shuffled.iter().position(|other| *other == name).unwrap();
        assert!(index("10 cm") < index("Apfel"));
        assert!(index("Éclair") < index("Zebra") && index("Äpfel") < index("Eclair"));
        assert!(index("apfel 2") < index("Apfel 10"));
        assert!(index("Zebra") < index("Ωmega") && index("Ωmega") < index("大阪"));
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in any::<String>()) {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }

        #[test]
        fn sort_key_is_short_hexadecimal(text in any::<String>()) {
            let key = sort_key(&text);
            prop_assert!(key.len() <= 2 * MAX_KEY_BYTES && key.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
        }
    }
}
