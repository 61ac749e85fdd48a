//! The search page.

use leptos::prelude::*;
use page::{Assets, Document, document};

use super::{Pagination, shop_document, url};
use crate::bff::{CategoryLink, SearchPage};
use crate::card::{Cards, count};

/// Renders the page. `is_later` if it is not the first page of the results.
pub fn draw(search: SearchPage, is_later: bool, assets: &Assets) -> String {
    let title = match &*search.q {
        "" => "Search – Stoa".to_owned(),
        q => format!("“{q}” – Search – Stoa"),
    };
    let head = Document {
        unlisted: true,
        ..shop_document(title, "Search the shop.")
    };
    document(head, assets, move || page(search, is_later))
}

fn page(search: SearchPage, is_later: bool) -> impl IntoView {
    let first = url("/search", &[("q", Some(&search.q))]);
    let next = search
        .next
        .map(|next| url("/search", &[("q", Some(&search.q)), ("after", Some(&next))]));
    let summary = match (&*search.q, search.total) {
        ("", _) => "Search for a product, a material, a colour or a brand.".to_owned(),
        (q, 0) => format!("No results for “{q}”. Try another word, or browse our categories."),
        (q, total) => format!("{} for “{q}”", count(total)),
    };
    view! {
        <div class="wrap listing">
            <header>
                <h1>"Search"</h1>
                <form class="search-form" action="/search">
                    <div class="field">
                        <label for="q">"What are you looking for?"</label>
                        <input id="q" name="q" type="search" value=search.q maxlength="100" enterkeyhint="search" autocomplete="off"/>
                    </div>
                    <button class="button">"Search"</button>
                </form>
            </header>
            <p class="lead">{summary}</p>
            {(!search.products.is_empty()).then(|| view! {
                <section aria-labelledby="results">
                    <h2 id="results" class="visually-hidden">"Products"</h2>
                    <Cards products=search.products is_at_top=true/>
                </section>
            })}
            <CategoryLinks categories=search.categories/>
            <Pagination first is_later next/>
        </div>
    }
}

#[component]
fn CategoryLinks(categories: Vec<CategoryLink>) -> impl IntoView {
    let link = |category: CategoryLink| {
        let href = format!("/category/{}", category.slug);
        view! { <li><a class="button button-quiet" href=href>{category.name}</a></li> }
    };
    let links: Vec<_> = categories.into_iter().map(link).collect();
    (!links.is_empty()).then(|| view! { <nav aria-label="Browse categories"><ul class="row">{links}</ul></nav> })
}
