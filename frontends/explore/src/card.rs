//! Product cards.

use leptos::prelude::*;
use page::{Loading, Picture};

use crate::bff::{CardPrice, ProductCard};

/// The number of pictures that are visible at first on most screens.
const INITIALLY_VISIBLE: usize = 4;

/// A list of products, each with its picture, name, vendor and price.
#[component]
pub fn Cards(
    products: Vec<ProductCard>,
    /// Whether the list is at the top of the page, so that its first pictures are loaded at once
    #[prop(optional)]
    is_at_top: bool,
) -> impl IntoView {
    let loading = |index: usize| match index {
        0 if is_at_top => Loading::Priority,
        1..INITIALLY_VISIBLE if is_at_top => Loading::Eager,
        _ => Loading::Lazy,
    };
    let cards = products.into_iter().enumerate();
    let cards: Vec<_> = cards
        .map(|(index, product)| view! { <li><Card product loading=loading(index)/></li> })
        .collect();
    view! { <ul class="cards">{cards}</ul> }
}

#[component]
fn Card(product: ProductCard, loading: Loading) -> impl IntoView {
    let href = format!("/product/{}", product.slug);
    view! {
        <article class="card">
            <Picture name=product.picture title=&product.name sizes="(min-width: 48rem) 18rem, 45vw" loading/>
            <h3><a href=href>{product.name}</a></h3>
            {product.vendor.map(|vendor| view! { <p class="quiet">{vendor}</p> })}
            <p class="price">{price(product.price)}</p>
        </article>
    }
}

fn price(price: Option<CardPrice>) -> impl IntoView {
    match price {
        Some(CardPrice {
            from,
            price,
            compare_at,
        }) => view! {
            {from.then(|| view! { <span class="quiet">"from "</span> })}
            {price.to_string()}
            {compare_at.map(|previous| view! {
                <span class="quiet">" "<span class="visually-hidden">"previously "</span><s>{previous.to_string()}</s></span>
            })}
        }
        .into_any(),
        None => view! { <span class="quiet">"Price not available right now"</span> }.into_any(),
    }
}

/// The number of products as text.
pub fn count(total: u64) -> String {
    match total {
        1 => "1 product".to_owned(),
        many => format!("{many} products"),
    }
}
