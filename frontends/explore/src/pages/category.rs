//! A category's page.

use leptos::prelude::*;
use page::{Assets, document};

use super::about;
use crate::bff::CategoryPage;
use crate::card::Cards;

/// Draws the page; `is_later` says that it does not begin with the first product.
pub fn draw(category: CategoryPage, is_later: bool, assets: &Assets) -> String {
    let title = format!("{} – Stoa", category.name);
    document(about(title, &category.summary), assets, move || {
        page(category, is_later)
    })
}

fn page(category: CategoryPage, is_later: bool) -> impl IntoView {
    let start = format!("/category/{}", category.slug);
    let next = category.next.map(|next| {
        let query = serde_urlencoded::to_string([("after", next)]).unwrap_or_default();
        format!("{start}?{query}")
    });
    view! {
        <div class="wrap category">
            <header>
                <nav class="breadcrumb" aria-label="Breadcrumb"><ol><li><a href="/">"Shop"</a></li></ol></nav>
                <h1>{category.name}</h1>
                <p>{category.summary}</p>
            </header>
            <section aria-labelledby="products">
                <h2 id="products" class="visually-hidden">"Products"</h2>
                {match category.products.is_empty() {
                    true => view! { <p class="notice">"Nothing stands on this shelf right now."</p> }.into_any(),
                    false => view! { <Cards products=category.products/> }.into_any(),
                }}
            </section>
            {(is_later || next.is_some()).then(|| view! {
                <nav class="more" aria-label="More products">
                    {is_later.then(|| view! { <a class="button button-quiet" href=start>"Back to the first"</a> })}
                    {next.map(|next| view! { <a class="button button-quiet" href=next rel="next">"Show more"</a> })}
                </nav>
            })}
        </div>
    }
}
