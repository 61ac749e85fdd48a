//! Words as a search compares them, and names as a list orders them: alike on every database.

use std::fmt::Write;
use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Bytes of a key that count: more would be too long for an index, and two names that agree so far may stand either way.
const KEY: usize = 256;

/// The order of the [Unicode Collation Algorithm](https://www.unicode.org/reports/tr10/) for no language in particular,
/// numbers by what they are worth.
static ORDER: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    let mut preferences = CollatorPreferences::default();
    preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    Collator::try_new(preferences, CollatorOptions::default()).expect("the data is compiled in")
});

/// A text without what people leave out when they search: case, accents, ligatures, the kind of a hyphen or an apostrophe.
#[must_use]
pub fn folded(text: &str) -> String {
    let bare = text
        .nfkd()
        .filter(|&character| !is_combining_mark(character) && !is_invisible(character));
    // By way of upper case: ß becomes ss, and a final sigma a sigma.
    let cased = bare.flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    cased.for_each(|character| match plain(character) {
        Some(plain) => folded.push_str(plain),
        None => folded.push(character),
    });
    folded
}

/// Letters that have no accent to take away, yet are typed without their stroke; and marks of which there are many.
fn plain(character: char) -> Option<&'static str> {
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

/// What a name is ordered by: its collation key in hexadecimal, so that each database orders it byte by byte.
#[must_use]
pub fn order_key(name: &str) -> String {
    let mut key = Vec::new();
    let Ok(()) = ORDER.write_sort_key_to(name, &mut key);
    key.truncate(KEY);
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
    fn what_is_left_out_when_typing_makes_no_difference() {
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
    fn names_are_in_the_order_of_a_dictionary() {
        let sorted = [
            "10 cm", "Apfel", "äpfel", "Äpfel", "apfel 2", "Apfel 10", "Eclair", "Éclair", "Zebra", "Ωmega", "大阪",
        ];
        let mut shuffled = sorted;
        shuffled.reverse();
        shuffled.sort_by_cached_key(|name| order_key(name));
        let place = |name: &str| shuffled.iter().position(|other| *other == name).unwrap();
        assert!(place("10 cm") < place("Apfel"));
        assert!(place("Éclair") < place("Zebra") && place("Äpfel") < place("Eclair"));
        assert!(place("apfel 2") < place("Apfel 10"));
        assert!(place("Zebra") < place("Ωmega") && place("Ωmega") < place("大阪"));
    }

    proptest! {
        #[test]
        fn folding_again_changes_nothing(text in any::<String>()) {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }

        #[test]
        fn a_key_is_short_and_plain(text in any::<String>()) {
            let key = order_key(&text);
            prop_assert!(key.len() <= 2 * KEY && key.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
        }
    }
}
