//! Kinds of characters, by [Unicode's general categories](https://www.unicode.org/reports/tr44/#General_Category_Values).

use unicode_properties::{GeneralCategory as Kind, GeneralCategoryGroup as Group, UnicodeGeneralCategory};

/// Leaves something to be seen by itself.
pub(crate) fn is_ink(character: char) -> bool {
    let group = character.general_category_group();
    matches!(
        group,
        Group::Letter | Group::Number | Group::Punctuation | Group::Symbol
    ) && !is_blank(character)
}

/// A letter or symbol by its category that is drawn as nothing: fillers of Hangul, and Braille's empty cell.
pub(crate) fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
    )
}

/// Changes how others are shown and is not seen itself.
pub(crate) fn is_format(character: char) -> bool {
    character.general_category() == Kind::Format
}

/// Ends a line or a paragraph.
pub(crate) fn is_line_separator(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

/// Turns the direction of others ([UAX 9](https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters)).
pub(crate) fn is_bidi_control(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Does not belong in words on one line. What scripts and emoji are joined by does.
pub(crate) fn is_hidden_in_words(character: char) -> bool {
    let is_joiner = matches!(
        character,
        '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{e0020}'..='\u{e007f}'
    );
    let is_arabic = matches!(
        character,
        '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
    );
    character.is_control()
        || is_line_separator(character)
        || is_blank(character)
        || (is_format(character) && !is_joiner && !is_arabic)
}
