//! Recommendations: another frontend's fragment.

use leptos::prelude::*;
use page::Include;

/// The fragment counts this many products at most.
const MAX_PRODUCTS: usize = 20;

/// Recommendations for these products, without duplicates.
pub fn recommendations<'a>(slugs: impl IntoIterator<Item = &'a str>) -> Option<AnyView> {
    let mut unique: Vec<&str> = Vec::new();
    for slug in slugs {
        if !unique.contains(&slug) && unique.len() < MAX_PRODUCTS {
            unique.push(slug);
        }
    }
    let src = format!("/explore/fragments/recommendations?for={}", unique.join(","));
    (!unique.is_empty()).then(|| view! { <Include src/> }.into_any())
}
