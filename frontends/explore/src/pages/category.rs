//! A category's page.

use leptos::prelude::*;
use page::{Assets, document};

use super::{More, about, address};
use crate::bff::{CategoryPage, Sort};
use crate::card::{Cards, count};

/// Draws the page; `is_later` says that it does not begin with the first product.
pub fn draw(category: CategoryPage, sort: Sort, is_later: bool, assets: &Assets) -> String {
    let title = format!("{} – Stoa", category.name);
    document(about(title, &category.summary), assets, move || {
        page(category, sort, is_later)
    })
}

fn page(category: CategoryPage, sort: Sort, is_later: bool) -> impl IntoView {
    let path = format!("/category/{}", category.slug);
    let start = address(&path, &[("sort", parameter(sort))]);
    let next = category
        .next
        .map(|next| address(&path, &[("sort", parameter(sort)), ("after", Some(&next))]));
    view! {
        <div class="wrap listing">
            <header>
                <nav class="breadcrumb" aria-label="Breadcrumb"><ol><li><a href="/">"Shop"</a></li></ol></nav>
                <h1>{category.name}</h1>
                <p class="lead">{category.summary}</p>
            </header>
            {if category.products.is_empty() { view! { <p class="notice">"Nothing stands on this shelf right now."</p> }.into_any() } else { view! {
                    <section aria-labelledby="products">
                        <h2 id="products" class="visually-hidden">"Objects"</h2>
                        <div class="toolbar">
                            <p>{count(category.total)}</p>
                            {(category.total > 1).then(|| view! { <Sorting path sort/> })}
                        </div>
                        <Cards products=category.products lead=true/>
                    </section>
                }.into_any() }}
            <More start is_later next/>
        </div>
    }
}

/// What an order is called in an address; the first one has no need of a name.
fn parameter(sort: Sort) -> Option<&'static str> {
    match sort {
        Sort::Newest => None,
        Sort::Name => Some("name"),
        Sort::Cheapest => Some("price"),
        Sort::Dearest => Some("-price"),
    }
}

#[component]
fn Sorting(path: String, sort: Sort) -> impl IntoView {
    let orders = [
        (Sort::Newest, "Newest"),
        (Sort::Name, "Name"),
        (Sort::Cheapest, "Lowest price"),
        (Sort::Dearest, "Highest price"),
    ];
    let links = orders.map(|(order, name)| {
        let href = address(&path, &[("sort", parameter(order))]);
        view! { <li><a href=href aria-current=(order == sort).then_some("true")>{name}</a></li> }
    });
    view! { <nav aria-label="Sort by"><ul class="row">{links.to_vec()}</ul></nav> }
}
