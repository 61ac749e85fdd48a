//! What goes with what is on the page: another frontend's fragment.

use leptos::prelude::*;
use page::Include;

/// The fragment takes so many at most.
const MOST: usize = 20;

/// What goes with these products, each named once.
pub fn recommendations<'a>(slugs: impl IntoIterator<Item = &'a str>) -> Option<AnyView> {
    let mut named: Vec<&str> = Vec::new();
    for slug in slugs {
        if !named.contains(&slug) && named.len() < MOST {
            named.push(slug);
        }
    }
    let src = format!("/explore/fragments/recommendations?for={}", named.join(","));
    (!named.is_empty()).then(|| view! { <Include src/> }.into_any())
}
