//! Fragments for other frontends' pages.

use checkout_islands::{AddToCart, MiniCart};
use leptos::prelude::*;
use page::{Assets, fragment};

use crate::bff::Offer;

/// The link to the cart, with how much is in it.
pub fn mini_cart(quantity: u32, assets: &Assets) -> String {
    fragment(assets, move || view! { <MiniCart quantity/> })
}

/// The form that puts a thing into the cart.
pub fn add_to_cart(offer: Offer, assets: &Assets) -> String {
    let Offer {
        sku,
        available,
        quantity_limit: limit,
    } = offer;
    fragment(assets, move || view! { <AddToCart sku available limit/> })
}
