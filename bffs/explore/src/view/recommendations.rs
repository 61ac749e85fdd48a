//! What stands well beside other products.

use std::collections::HashMap;

use crate::upstream::Product;

/// How many are shown.
pub const SHOWN: usize = 4;

/// The slugs that these products go with, the most often named first, without those in `named`.
pub fn ranked(products: &[Product], named: &[String]) -> Vec<String> {
    let mut votes = HashMap::<&str, usize>::new();
    let mut ranked: Vec<&str> = Vec::new();
    for slug in products.iter().flat_map(|product| &product.goes_with) {
        if !named.contains(slug) {
            let count = votes.entry(slug).or_default();
            *count += 1;
            if *count == 1 {
                ranked.push(slug);
            }
        }
    }
    // Stable: of two that are named as often, the one that was named first stays first.
    ranked.sort_by_key(|slug| std::cmp::Reverse(votes[slug]));
    ranked.into_iter().map(str::to_owned).collect()
}

/// The first few of those found, in the order of `ranked`; filled up with new ones that are neither there nor `named`.
pub fn choose(ranked: &[String], found: Vec<Product>, newest: Vec<Product>, named: &[String]) -> Vec<Product> {
    let mut chosen = found;
    chosen.sort_by_key(|product| ranked.iter().position(|slug| *slug == product.slug));
    for product in newest {
        let is_there = chosen.iter().any(|other| other.slug == product.slug);
        if !is_there && !named.contains(&product.slug) {
            chosen.push(product);
        }
    }
    chosen.truncate(SHOWN);
    chosen
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn product(slug: &str, goes_with: &[String]) -> Product {
        Product {
            slug: slug.to_owned(),
            name: slug.to_owned(),
            vendor: None,
            pictures: Vec::new(),
            variants: Vec::new(),
            goes_with: goes_with.to_vec(),
        }
    }

    fn slugs(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_most_often_named_comes_first() {
        let cart = [product("a", &slugs("x y b")), product("b", &slugs("z y a"))];
        let ranked = ranked(&cart, &slugs("a b"));
        assert_eq!(ranked, ["y", "x", "z"]);
        let found = ["z", "y"].map(|slug| product(slug, &[])).into();
        let newest = ["b", "z", "n", "m", "o"].map(|slug| product(slug, &[])).into();
        let chosen = choose(&ranked, found, newest, &slugs("a b"));
        let chosen: Vec<&str> = chosen.iter().map(|product| &*product.slug).collect();
        assert_eq!(chosen, ["y", "z", "n", "m"]);
    }

    proptest! {
        #[test]
        fn never_what_is_there_and_never_twice(
            named in proptest::collection::vec("[a-f]", 0..5),
            companions in proptest::collection::vec(proptest::collection::vec("[a-k]", 0..6), 0..5),
            newest in proptest::collection::vec("[a-p]", 0..12),
        ) {
            let all: Vec<Product> = companions.iter().map(|slugs| product("any", slugs)).collect();
            let ranked = ranked(&all, &named);
            let found = ranked.iter().rev().map(|slug| product(slug, &[])).collect();
            let newest = newest.iter().map(|slug| product(slug, &[])).collect();
            let chosen = choose(&ranked, found, newest, &named);
            prop_assert!(chosen.len() <= SHOWN);
            for (place, product) in chosen.iter().enumerate() {
                prop_assert!(!named.contains(&product.slug));
                prop_assert!(chosen[..place].iter().all(|other| other.slug != product.slug));
            }
        }
    }
}
