//! Search terms.

/// Catalog's limits.
const MAX_WORDS: usize = 8;
const MAX_CHARACTERS: usize = 100;

/// Normalizes an input to what catalog accepts: separates words by single spaces and removes control characters. An input that
/// is too long is cut, so that pasting a long text into the search is not an error.
pub fn search_terms(typed: &str) -> String {
    let invisible = |character: char| character.is_whitespace() || character.is_control();
    let words = typed.split(invisible).filter(|word| !word.is_empty()).take(MAX_WORDS);
    let joined = words.collect::<Vec<_>>().join(" ");
    let cut: String = joined.chars().take(MAX_CHARACTERS).collect();
    cut.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_input_becomes_valid_search_terms(typed in any::<String>()) {
            let terms = search_terms(&typed);
            prop_assert!(terms.chars().count() <= MAX_CHARACTERS && !terms.chars().any(char::is_control));
            prop_assert!(terms.split_whitespace().count() <= MAX_WORDS);
            prop_assert_eq!(super::search_terms(&terms), terms);
        }
    }

    #[test]
    fn words_are_kept_unchanged() {
        assert_eq!(search_terms("  Onda\t\0vase\n%_\\\"<b>' "), "Onda vase %_\\\"<b>'");
        assert_eq!(search_terms("a b c d e f g h i j"), "a b c d e f g h");
        assert_eq!(search_terms(&"ä".repeat(10_000)).chars().count(), 100);
        assert_eq!(search_terms(" \0 "), "");
    }
}
