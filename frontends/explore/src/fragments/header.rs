//! The header of every page.

use leptos::prelude::*;
use page::{Assets, Include, fragment};

use crate::bff::{CategoryLink, Header};

/// More categories than this are shown in a menu.
const MAX_IN_LINE: usize = 7;

/// Renders the header, with or without categories.
pub fn draw(header: Header, assets: &Assets) -> String {
    fragment(assets, move || {
        view! {
            <header class="wrap masthead">
                <a class="wordmark" href="/" aria-label="Stoa, home">"Stoa"</a>
                {(!header.categories.is_empty()).then(|| view! { <Categories categories=header.categories/> })}
                <SearchForm/>
                <div class="cart">
                    <Include src="/checkout/fragments/mini-cart"><a href="/cart">"Cart"</a></Include>
                </div>
            </header>
        }
    })
}

/// A line of links, or a menu if there are too many. The menu needs no script.
#[component]
fn Categories(categories: Vec<CategoryLink>) -> AnyView {
    let is_menu = categories.len() > MAX_IN_LINE;
    let link = |category: CategoryLink| {
        let href = format!("/category/{}", category.slug);
        view! { <li><a href=href>{category.name}</a></li> }
    };
    let links: Vec<_> = categories.into_iter().map(link).collect();
    let links = view! { <ul>{links}</ul> };
    if is_menu {
        view! {
            <nav class="many" aria-label="Categories"><details><summary>"All categories"</summary>{links}</details></nav>
        }
        .into_any()
    } else {
        view! { <nav class="few" aria-label="Categories">{links}</nav> }.into_any()
    }
}

#[component]
fn SearchForm() -> impl IntoView {
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
