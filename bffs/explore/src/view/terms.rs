//! What somebody looks for.

/// Words that catalog takes at once.
const WORDS: usize = 8;
/// Characters that catalog takes.
const CHARACTERS: usize = 100;

/// What was typed as catalog takes it: the first few words, single spaces between them, nothing invisible. What is
/// too long is cut rather than refused: nobody who pastes a page into a search box wants to hear of an error.
pub fn terms(typed: &str) -> String {
    let invisible = |character: char| character.is_whitespace() || character.is_control();
    let words = typed.split(invisible).filter(|word| !word.is_empty()).take(WORDS);
    let joined = words.collect::<Vec<_>>().join(" ");
    let cut: String = joined.chars().take(CHARACTERS).collect();
    cut.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn catalog_takes_whatever_was_typed(typed in any::<String>()) {
            let terms = terms(&typed);
            prop_assert!(terms.chars().count() <= CHARACTERS && !terms.chars().any(char::is_control));
            prop_assert!(terms.split_whitespace().count() <= WORDS);
            prop_assert_eq!(super::terms(&terms), terms);
        }
    }

    #[test]
    fn words_stay_as_they_are_written() {
        assert_eq!(terms("  Onda\t\0vase\n%_\\\"<b>' "), "Onda vase %_\\\"<b>'");
        assert_eq!(terms("a b c d e f g h i j"), "a b c d e f g h");
        assert_eq!(terms(&"ä".repeat(10_000)).chars().count(), 100);
        assert_eq!(terms(" \0 "), "");
    }
}
