//! Recommendations from the related products of given ones.

use std::collections::HashMap;

use crate::upstream::Product;

pub const MAX_RECOMMENDATIONS: usize = 4;

/// The slugs of related products, those that are related to most of the given products first. Given products (`given`) are left
/// out.
pub fn rank_related(products: &[Product], given: &[String]) -> Vec<String> {
    let mut counts = HashMap::<&str, usize>::new();
    let mut ranked: Vec<&str> = Vec::new();
    for slug in products.iter().flat_map(|product| &product.related) {
        if !given.contains(slug) {
            let count = counts.entry(slug).or_default();
            *count += 1;
            if *count == 1 {
                ranked.push(slug);
            }
        }
    }
    // The sort is stable: slugs with the same count stay in the order in which they were found.
    ranked.sort_by_key(|slug| std::cmp::Reverse(counts[slug]));
    ranked.into_iter().map(str::to_owned).collect()
}

/// Selects the first of the related products that were found, in the order of `related`, and fills up with the newest products.
/// Given products are left out.
pub fn select(related: &[String], found: Vec<Product>, newest: Vec<Product>, given: &[String]) -> Vec<Product> {
    let mut selected = found;
    selected.sort_by_key(|product| related.iter().position(|slug| *slug == product.slug));
    for product in newest {
        let is_selected = selected.iter().any(|other| other.slug == product.slug);
        if !is_selected && !given.contains(&product.slug) {
            selected.push(product);
        }
    }
    selected.truncate(MAX_RECOMMENDATIONS);
    selected
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn product(slug: &str, related: &[String]) -> Product {
        Product {
            slug: slug.to_owned(),
            name: slug.to_owned(),
            vendor: None,
            pictures: Vec::new(),
            variants: Vec::new(),
            related: related.to_vec(),
        }
    }

    fn slugs(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn most_frequently_related_product_comes_first() {
        let cart = [product("a", &slugs("x y b")), product("b", &slugs("z y a"))];
        let related = rank_related(&cart, &slugs("a b"));
        assert_eq!(related, ["y", "x", "z"]);
        let found = ["z", "y"].map(|slug| product(slug, &[])).into();
        let newest = ["b", "z", "n", "m", "o"].map(|slug| product(slug, &[])).into();
        let selected = select(&related, found, newest, &slugs("a b"));
        let selected: Vec<&str> = selected.iter().map(|product| &*product.slug).collect();
        assert_eq!(selected, ["y", "z", "n", "m"]);
    }

    proptest! {
        #[test]
        fn given_products_and_duplicates_are_never_recommended(
            given in proptest::collection::vec("[a-f]", 0..5),
            related in proptest::collection::vec(proptest::collection::vec("[a-k]", 0..6), 0..5),
            newest in proptest::collection::vec("[a-p]", 0..12),
        ) {
            let all: Vec<Product> = related.iter().map(|slugs| product("any", slugs)).collect();
            let related = rank_related(&all, &given);
            let found = related.iter().rev().map(|slug| product(slug, &[])).collect();
            let newest = newest.iter().map(|slug| product(slug, &[])).collect();
            let selected = select(&related, found, newest, &given);
            prop_assert!(selected.len() <= MAX_RECOMMENDATIONS);
            for (index, product) in selected.iter().enumerate() {
                prop_assert!(!given.contains(&product.slug));
                prop_assert!(selected[..index].iter().all(|other| other.slug != product.slug));
            }
        }
    }
}
