//! The platform knows no business word: it would no longer serve every part alike.

use crate::Complaints;
use crate::secrets::words;
use crate::tree::Tree;

const BUSINESS: [&str; 16] = [
    "basket",
    "cart",
    "catalog",
    "category",
    "checkout",
    "coupon",
    "customer",
    "inventory",
    "payment",
    "price",
    "pricing",
    "product",
    "reservation",
    "shipping",
    "shopper",
    "sku",
];

/// What a library calls something else: Unicode's kinds of characters.
const OTHERS: [&str; 3] = ["GeneralCategory", "UnicodeGeneralCategory", "general_category"];

fn the_platform_knows_no_business_word(tree: &Tree) -> Complaints {
    let mut complaints = Vec::new();
    for (path, source) in tree.sources("platform") {
        let tokens = source.whole();
        let words = tokens
            .iter()
            .filter(|token| !OTHERS.iter().any(|other| token.starts_with(other)))
            .flat_map(words);
        let mut found: Vec<_> = words.filter(|word| is_business(word)).collect();
        found.sort();
        found.dedup();
        complaints.extend(found.iter().map(|word| format!("{path}: {word}")));
    }
    complaints
}

fn is_business(word: &str) -> bool {
    BUSINESS.contains(&word) || word.strip_suffix('s').is_some_and(|word| BUSINESS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finds, keeps};

    #[test]
    fn the_platform_knows_no_business_word_here() {
        keeps(the_platform_knows_no_business_word);
    }

    #[test]
    fn business_word_is_found() {
        for text in [
            "fn carts() {}",
            "struct ProductPage;",
            "const A: &str = \"the shopper\";",
            "mod tests { const PRICE_URL: u8 = 1; }",
        ] {
            finds(
                the_platform_knows_no_business_word,
                &[("platform/page/src/lib.rs", text)],
                "platform/page/src/lib.rs",
            );
        }
    }
}
