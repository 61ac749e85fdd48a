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
                <div class="cart">
                    <Include src="/checkout/fragments/mini-cart"><a href="/cart">"Cart"</a></Include>
                </div>
            </header>
        }
    })
}
