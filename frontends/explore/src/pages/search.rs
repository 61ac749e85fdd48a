//! The search page.

use leptos::prelude::*;
use page::{Assets, Document, document};

use super::{More, about, address};
use crate::bff::{Link, Search};
use crate::card::{Cards, count};

/// Draws the page; `is_later` says that it does not begin with the first product.
pub fn draw(search: Search, is_later: bool, assets: &Assets) -> String {
    let title = match &*search.q {
        "" => "Search – Stoa".to_owned(),
        q => format!("“{q}” – Search – Stoa"),
    };
    let about = Document {
        unlisted: true,
        ..about(title, "Search the shop.")
    };
    document(about, assets, move || page(search, is_later))
}

fn page(search: Search, is_later: bool) -> impl IntoView {
    let start = address("/search", &[("q", Some(&search.q))]);
    let next = search
        .next
        .map(|next| address("/search", &[("q", Some(&search.q)), ("after", Some(&next))]));
    let found = match (&*search.q, search.total) {
        ("", _) => "Look for an object, a material, a colour or a maker.".to_owned(),
        (q, 0) => format!("Nothing found for “{q}”. Another word may lead there, or a walk along the shelves."),
        (q, total) => format!("{} for “{q}”", count(total)),
    };
    view! {
        <div class="wrap listing">
            <header>
                <h1>"Search"</h1>
                <form class="ask" action="/search">
                    <div class="field">
                        <label for="q">"What are you looking for?"</label>
                        <input id="q" name="q" type="search" value=search.q maxlength="100" enterkeyhint="search" autocomplete="off"/>
                    </div>
                    <button class="button">"Search"</button>
                </form>
            </header>
            <p class="lead">{found}</p>
            {(!search.products.is_empty()).then(|| view! {
                <section aria-labelledby="found">
                    <h2 id="found" class="visually-hidden">"Objects"</h2>
                    <Cards products=search.products lead=true/>
                </section>
            })}
            <Elsewhere categories=search.categories/>
            <More start is_later next/>
        </div>
    }
}

/// Where to look instead.
#[component]
fn Elsewhere(categories: Vec<Link>) -> impl IntoView {
    let link = |category: Link| {
        let href = format!("/category/{}", category.slug);
        view! { <li><a class="button button-quiet" href=href>{category.name}</a></li> }
    };
    let links: Vec<_> = categories.into_iter().map(link).collect();
    (!links.is_empty()).then(|| view! { <nav aria-label="Shelves"><ul class="row">{links}</ul></nav> })
}
