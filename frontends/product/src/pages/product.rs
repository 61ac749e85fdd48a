//! The product page.

mod gallery;
mod picker;

use leptos::prelude::*;
use page::{Assets, Include, document, with_query};

use self::gallery::Gallery;
use self::picker::Picker;
use super::layout;
use crate::bff::{Category, DeliveryMethod, Detail, Product};

/// Renders the page.
pub fn render(product: Product, assets: &Assets) -> String {
    document(layout(&product.name, &meta_description(&product)), assets, move || {
        page(product)
    })
}

/// The number of characters that search engines show of a description.
const META_DESCRIPTION_LENGTH: usize = 155;

/// The summary, or the beginning of the description.
fn meta_description(product: &Product) -> String {
    match &*product.summary {
        "" => product
            .description
            .replace('\n', " ")
            .chars()
            .take(META_DESCRIPTION_LENGTH)
            .collect(),
        summary => summary.to_owned(),
    }
}

fn page(product: Product) -> impl IntoView {
    let recommendations = format!("/explore/fragments/recommendations?for={}", product.slug);
    let pictures = gallery::ordered(&product);
    view! {
        <article class="wrap product">
            <Breadcrumb category=product.category.clone()/>
            <Gallery title=&product.name pictures/>
            <Offer product=&product/>
            <Description product/>
        </article>
        <Include src=recommendations/>
    }
}

/// The name, price, variants and delivery.
#[component]
fn Offer<'a>(product: &'a Product) -> AnyView {
    let add_to_cart = with_query("/checkout/fragments/add-to-cart", "sku", &product.selected);
    view! {
        <div class="offer">
            <header class="title">
                {product.vendor.clone().map(|vendor| view! { <p class="vendor">{vendor}</p> })}
                <h1>{product.name.clone()}</h1>
                {(!product.summary.is_empty()).then(|| view! { <p class="summary">{product.summary.clone()}</p> })}
            </header>
            <Picker product/>
            <Include src=add_to_cart>
                <p class="notice" role="status">
                    "This cannot be ordered right now. Please try again in a moment."
                </p>
            </Include>
            {product.delivery.clone().map(|methods| view! { <DeliveryInfo methods/> })}
        </div>
    }
    .into_any()
}

/// The description and the details.
#[component]
fn Description(product: Product) -> AnyView {
    let has_details = product.vendor.is_some() || !product.details.is_empty();
    view! {
        <div class="description">
            {(!product.description_html.is_empty()).then(|| view! {
                <section>
                    <h2>"Description"</h2>
                    <div class="text" inner_html=product.description_html></div>
                </section>
            })}
            {has_details.then(|| view! {
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

/// The price of the cheapest parcel, and of pickup in a shop.
#[component]
fn DeliveryInfo(methods: Vec<DeliveryMethod>) -> impl IntoView {
    let (pickups, parcels): (Vec<_>, Vec<_>) = methods.into_iter().partition(|method| method.method == "pickup");
    let cheapest = parcels.into_iter().min_by_key(|method| method.price.minor);
    let parcel = cheapest.map(|method| match method.price.minor {
        0 => format!("Free delivery · {}", method.days),
        _ => format!("Delivery from {} · {}", method.price, method.days),
    });
    let pickup = pickups.into_iter().next().map(|method| {
        let price = match method.price.minor {
            0 => "free".to_owned(),
            _ => method.price.to_string(),
        };
        view! { <li><a href="/stores">{method.name}</a>": "{price}</li> }
    });
    view! {
        <ul class="delivery">
            {parcel.map(|text| view! { <li>{text}</li> })}
            {pickup}
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
