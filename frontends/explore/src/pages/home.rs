//! The home page.

use leptos::prelude::*;
use page::{Assets, document};

use super::about;
use crate::bff::{Category, Home};
use crate::card::Cards;

const PROMISE: &str = "Vases, tableware and light from small workshops: made slowly, by people we can name, \
    to be used every day and kept for good.";

/// Draws the page.
pub fn draw(home: Home, assets: &Assets) -> String {
    let title = "Stoa – objects for a calm home".to_owned();
    document(about(title, PROMISE), assets, move || page(home))
}

fn page(home: Home) -> impl IntoView {
    view! {
        <div class="wrap home">
            <section class="hero" aria-labelledby="hero">
                <div>
                    <h1 id="hero">"Objects for a calm home"</h1>
                    <p>{PROMISE}</p>
                    <a class="button" href="#collection">"See the collection"</a>
                </div>
                <div class="colonnade" aria-hidden="true"><span></span><span></span><span></span></div>
            </section>
            <Shelves categories=home.categories/>
            <section id="collection" aria-labelledby="collection-title">
                <h2 id="collection-title">"The collection"</h2>
                {match home.products.is_empty() {
                    true => view! { <p>"The shelves are being filled. Please come back soon."</p> }.into_any(),
                    false => view! { <Cards products=home.products/> }.into_any(),
                }}
            </section>
        </div>
    }
}

#[component]
fn Shelves(categories: Vec<Category>) -> impl IntoView {
    let shelf = |category: Category| {
        let href = format!("/category/{}", category.slug);
        view! { <li><h3><a href=href>{category.name}</a></h3><p>{category.summary}</p></li> }
    };
    let shelves: Vec<_> = categories.into_iter().map(shelf).collect();
    (!shelves.is_empty()).then(|| {
        view! {
            <section aria-labelledby="shelves">
                <h2 id="shelves" class="visually-hidden">"Categories"</h2>
                <ul class="shelves">{shelves}</ul>
            </section>
        }
    })
}
