//! The page of a category.

use leptos::prelude::*;
use page::{Assets, document};

use super::{Pagination, shop_document, url};
use crate::bff::{CategoryPage, Sort};
use crate::card::{Cards, count};

/// Renders the page. `is_later` if it is not the first page of the list.
pub fn draw(category: CategoryPage, sort: Sort, is_later: bool, assets: &Assets) -> String {
    let title = format!("{} – Stoa", category.name);
    document(shop_document(title, &category.summary), assets, move || {
        page(category, sort, is_later)
    })
}

fn page(category: CategoryPage, sort: Sort, is_later: bool) -> impl IntoView {
    let path = format!("/category/{}", category.slug);
    let first = url(&path, &[("sort", parameter(sort))]);
    let next = category
        .next
        .map(|next| url(&path, &[("sort", parameter(sort)), ("after", Some(&next))]));
    view! {
        <div class="wrap listing">
            <header>
                <nav class="breadcrumb" aria-label="Breadcrumb"><ol><li><a href="/">"Shop"</a></li></ol></nav>
                <h1>{category.name}</h1>
                <p class="lead">{category.summary}</p>
            </header>
            {if category.products.is_empty() { view! { <p class="notice">"There are no products in this category right now."</p> }.into_any() } else { view! {
                    <section aria-labelledby="products">
                        <h2 id="products" class="visually-hidden">"Products"</h2>
                        <div class="toolbar">
                            <p>{count(category.total)}</p>
                            {(category.total > 1).then(|| view! { <SortLinks path sort/> })}
                        </div>
                        <Cards products=category.products is_at_top=true/>
                    </section>
                }.into_any() }}
            <Pagination first is_later next/>
        </div>
    }
}

/// The query parameter of a sort order. The default has none.
fn parameter(sort: Sort) -> Option<&'static str> {
    match sort {
        Sort::Newest => None,
        Sort::Name => Some("name"),
        Sort::PriceAscending => Some("price"),
        Sort::PriceDescending => Some("-price"),
    }
}

#[component]
fn SortLinks(path: String, sort: Sort) -> impl IntoView {
    let orders = [
        (Sort::Newest, "Newest"),
        (Sort::Name, "Name"),
        (Sort::PriceAscending, "Lowest price"),
        (Sort::PriceDescending, "Highest price"),
    ];
    let links = orders.map(|(order, name)| {
        let href = url(&path, &[("sort", parameter(order))]);
        view! { <li><a href=href aria-current=(order == sort).then_some("true")>{name}</a></li> }
    });
    view! { <nav aria-label="Sort by"><ul class="row">{links.to_vec()}</ul></nav> }
}
