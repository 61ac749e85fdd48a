//! The header of every page.

use leptos::prelude::*;
use page::{Assets, Include, fragment};

use crate::bff::Header;

/// Draws the header, with or without categories.
pub fn draw(header: Header, assets: &Assets) -> String {
    fragment(assets, move || {
        let link = |category: crate::bff::Link| {
            let href = format!("/category/{}", category.slug);
            view! { <li><a href=href>{category.name}</a></li> }
        };
        let links: Vec<_> = header.categories.into_iter().map(link).collect();
        view! {
            <header class="wrap masthead">
                <a class="wordmark" href="/" aria-label="Stoa, home">"Stoa"</a>
                {(!links.is_empty()).then(|| view! { <nav aria-label="Categories"><ul>{links}</ul></nav> })}
                <Find/>
                <div class="cart">
                    <Include src="/checkout/fragments/mini-cart"><a href="/cart">"Cart"</a></Include>
                </div>
            </header>
        }
    })
}

#[component]
fn Find() -> impl IntoView {
    view! {
        <form class="find" role="search" aria-label="Shop" action="/search">
            <label class="visually-hidden" for="find">"Search the shop"</label>
            <input id="find" name="q" type="search" placeholder="Search" maxlength="100" enterkeyhint="search" autocomplete="off"/>
            <button aria-label="Search">
                <svg viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
                    <circle cx="8.5" cy="8.5" r="5.75"/>
                    <path d="m13 13 5 5"/>
                </svg>
            </button>
        </form>
    }
}
