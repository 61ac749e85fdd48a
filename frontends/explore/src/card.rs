//! Products among others.

use leptos::prelude::*;

use crate::bff::{Price, Product};
use crate::picture::Picture;

/// This many pictures are in sight at first on most screens.
const IN_SIGHT: usize = 4;

/// Products, each with its picture, name, maker and price.
#[component]
pub fn Cards(
    /// In this order
    products: Vec<Product>,
) -> impl IntoView {
    let cards = products.into_iter().enumerate();
    let cards: Vec<_> = cards
        .map(|(place, product)| view! { <li><Card product lazy={place >= IN_SIGHT}/></li> })
        .collect();
    view! { <ul class="grid cards">{cards}</ul> }
}

#[component]
fn Card(product: Product, lazy: bool) -> impl IntoView {
    let href = format!("/product/{}", product.slug);
    view! {
        <article class="card">
            <Picture name=&product.name picture=product.picture lazy/>
            <h3><a href=href>{product.name}</a></h3>
            <p class="maker">{product.maker}</p>
            <p class="price">{price(product.price)}</p>
        </article>
    }
}

fn price(price: Option<Price>) -> impl IntoView {
    match price {
        Some(Price { from: true, price }) => view! { <span class="from">"from "</span>{price.to_string()} }.into_any(),
        Some(Price { from: false, price }) => price.to_string().into_any(),
        None => view! { <span class="from">"Price not available right now"</span> }.into_any(),
    }
}
