//! The product page.

use leptos::prelude::*;
use page::{Assets, Include, document};
use product_islands::{Variant as Choosable, VariantPicker};

use super::about;
use crate::bff::{Availability, Category, Choice, Product, Variant};
use crate::picture::Picture;

/// Draws the page.
pub fn draw(product: Product, assets: &Assets) -> String {
    document(about(&product.name, &product.summary), assets, move || page(product))
}

fn page(product: Product) -> impl IntoView {
    let variants = product.variants.iter().map(|variant| choosable(&product.slug, variant));
    let variants: Vec<_> = variants.collect();
    let add_to_cart = format!("/checkout/fragments/add-to-cart?sku={}", product.selected);
    view! {
        <article class="wrap product">
            <Picture name=product.name.clone() picture=product.picture/>
            <div class="offer">
                <Breadcrumb category=product.category/>
                <header class="title">
                    <p class="maker">{product.maker.clone()}</p>
                    <h1>{product.name}</h1>
                    <p class="summary">{product.summary}</p>
                </header>
                <VariantPicker variants selected=product.selected/>
                <Include src=add_to_cart>
                    <p class="notice" role="status">
                        "This cannot be ordered right now. Please try again in a moment."
                    </p>
                </Include>
            </div>
            <div class="story">
                <h2>"About it"</h2>
                {paragraphs(&product.description)}
                <Facts maker=product.maker options=product.options/>
            </div>
        </article>
    }
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

#[component]
fn Facts(maker: String, options: Vec<Choice>) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|option| (option.name, option.values.join(", ")));
    let facts = std::iter::once(("Made by".to_owned(), maker)).chain(options);
    let rows: Vec<_> = facts
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
        .collect();
    view! { <dl class="facts">{rows}</dl> }
}

fn paragraphs(text: &str) -> Vec<impl IntoView + use<>> {
    let paragraphs = text
        .split('\n')
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty());
    paragraphs
        .map(|paragraph| view! { <p>{paragraph.to_owned()}</p> })
        .collect()
}

/// A variant in the words that the shopper reads.
fn choosable(slug: &str, variant: &Variant) -> Choosable {
    let price = variant.price.map(|price| price.to_string());
    Choosable {
        sku: variant.sku.clone(),
        label: variant.label.clone(),
        href: format!("/product/{slug}?sku={}", variant.sku),
        price: price.unwrap_or_else(|| "Price not available right now".to_owned()),
        availability: in_words(variant),
        // What is not known is not refused here: whoever sells it knows best.
        available: variant.availability != Availability::SoldOut,
    }
}

fn in_words(variant: &Variant) -> String {
    match (variant.availability, variant.left) {
        (Availability::InStock, _) => "In stock".to_owned(),
        (Availability::FewLeft, Some(left)) => format!("Only {left} left"),
        (Availability::FewLeft, None) => "Only a few left".to_owned(),
        (Availability::SoldOut, _) => "Sold out".to_owned(),
        (Availability::Unknown, _) => "We cannot see our stock right now; your cart will know".to_owned(),
    }
}
