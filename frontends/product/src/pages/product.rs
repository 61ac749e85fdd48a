//! The product page.

mod gallery;
mod picker;

use leptos::prelude::*;
use page::{Assets, Include, address, document};

use self::gallery::Gallery;
use self::picker::Picker;
use super::about;
use crate::bff::{Category, Delivery, Detail, Product};

/// Draws the page.
pub fn draw(product: Product, assets: &Assets) -> String {
    document(about(&product.name, &summary(&product)), assets, move || page(product))
}

/// Characters of a description that search engines show.
const SHOWN: usize = 155;

/// A sentence about it, or how its description begins.
fn summary(product: &Product) -> String {
    match &*product.summary {
        "" => product.description.replace('\n', " ").chars().take(SHOWN).collect(),
        summary => summary.to_owned(),
    }
}

fn page(product: Product) -> impl IntoView {
    let recommendations = format!("/explore/fragments/recommendations?for={}", product.slug);
    let pictures = gallery::arranged(&product);
    view! {
        <article class="wrap product">
            <Breadcrumb category=product.category.clone()/>
            <Gallery title=&product.name pictures/>
            <Offer product=&product/>
            <Story product/>
        </article>
        <Include src=recommendations/>
    }
}

/// What it is, what it costs, and how to have it.
#[component]
fn Offer<'a>(product: &'a Product) -> AnyView {
    let add_to_cart = address("/checkout/fragments/add-to-cart", "sku", &product.selected);
    view! {
        <div class="offer">
            <header class="title">
                {product.vendor.clone().map(|vendor| view! { <p class="maker">{vendor}</p> })}
                <h1>{product.name.clone()}</h1>
                {(!product.summary.is_empty()).then(|| view! { <p class="summary">{product.summary.clone()}</p> })}
            </header>
            <Picker product/>
            <Include src=add_to_cart>
                <p class="notice" role="status">
                    "This cannot be ordered right now. Please try again in a moment."
                </p>
            </Include>
            {product.delivery.clone().map(|ways| view! { <Ways ways/> })}
        </div>
    }
    .into_any()
}

/// All there is to say about it.
#[component]
fn Story(product: Product) -> AnyView {
    let is_told = product.vendor.is_some() || !product.details.is_empty();
    view! {
        <div class="story">
            {(!product.description_html.is_empty()).then(|| view! {
                <section>
                    <h2>"About it"</h2>
                    <div class="words" inner_html=product.description_html></div>
                </section>
            })}
            {is_told.then(|| view! {
                <section>
                    <h2>"Details"</h2>
                    <Facts vendor=product.vendor details=product.details/>
                </section>
            })}
        </div>
    }
    .into_any()
}

#[component]
fn Breadcrumb(category: Category) -> impl IntoView {
    let href = format!("/category/{}", category.slug);
    view! {
        <nav class="breadcrumb" aria-label="Breadcrumb">
            <ol>
                <li><a href="/">"Shop"</a></li>
                {category.name.map(|name| view! { <li><a href=href>{name}</a></li> })}
            </ol>
        </nav>
    }
}

/// What it costs to have it: the cheapest parcel, and the walk to a shop.
#[component]
fn Ways(ways: Vec<Delivery>) -> impl IntoView {
    let (visits, parcels): (Vec<_>, Vec<_>) = ways.into_iter().partition(|way| way.method == "pickup");
    let cheapest = parcels.into_iter().min_by_key(|way| way.price.minor);
    let parcel = cheapest.map(|way| match way.price.minor {
        0 => format!("Free delivery · {}", way.days),
        _ => format!("Delivery from {} · {}", way.price, way.days),
    });
    let visit = visits.into_iter().next().map(|way| {
        let price = match way.price.minor {
            0 => "free".to_owned(),
            _ => way.price.to_string(),
        };
        view! { <li><a href="/stores">{way.name}</a>": "{price}</li> }
    });
    view! {
        <ul class="ways">
            {parcel.map(|words| view! { <li>{words}</li> })}
            {visit}
        </ul>
    }
}

#[component]
fn Facts(vendor: Option<String>, details: Vec<Detail>) -> impl IntoView {
    let details = details.into_iter().map(|detail| (detail.name, detail.value));
    let made_by = vendor.map(|vendor| ("Made by".to_owned(), vendor));
    let facts = made_by.into_iter().chain(details);
    let rows: Vec<_> = facts
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
        .collect();
    view! { <dl class="facts">{rows}</dl> }
}
