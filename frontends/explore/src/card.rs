//! Products among others.

use leptos::prelude::*;
use page::{Haste, Picture};

use crate::bff::{Price, Product};

/// This many pictures are in sight at first on most screens.
const IN_SIGHT: usize = 4;

/// Products, each with its picture, name, vendor and price.
#[component]
pub fn Cards(
    /// In this order
    products: Vec<Product>,
    /// Whether they are what the page begins with, the first picture its largest
    #[prop(optional)]
    lead: bool,
) -> impl IntoView {
    let haste = |place: usize| match place {
        0 if lead => Haste::First,
        1..IN_SIGHT if lead => Haste::Soon,
        _ => Haste::Late,
    };
    let cards = products.into_iter().enumerate();
    let cards: Vec<_> = cards
        .map(|(place, product)| view! { <li><Card product haste=haste(place)/></li> })
        .collect();
    view! { <ul class="cards">{cards}</ul> }
}

#[component]
fn Card(product: Product, haste: Haste) -> impl IntoView {
    let href = format!("/product/{}", product.slug);
    view! {
        <article class="card">
            <Picture name=product.picture title=&product.name sizes="(min-width: 48rem) 18rem, 45vw" haste/>
            <h3><a href=href>{product.name}</a></h3>
            {product.vendor.map(|vendor| view! { <p class="quiet">{vendor}</p> })}
            <p class="price">{price(product.price)}</p>
        </article>
    }
}

fn price(price: Option<Price>) -> impl IntoView {
    match price {
        Some(Price {
            from,
            price,
            compare_at,
        }) => view! {
            {from.then(|| view! { <span class="quiet">"from "</span> })}
            {price.to_string()}
            {compare_at.map(|before| view! {
                <span class="quiet">" "<span class="visually-hidden">"before: "</span><s>{before.to_string()}</s></span>
            })}
        }
        .into_any(),
        None => view! { <span class="quiet">"Price not available right now"</span> }.into_any(),
    }
}

/// How many there are, in words.
pub fn count(total: u64) -> String {
    match total {
        1 => "1 object".to_owned(),
        many => format!("{many} objects"),
    }
}
