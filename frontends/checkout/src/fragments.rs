//! Fragments for other frontends' pages.

use checkout_islands::{AddToCart, MiniCart, button, hint, label};
use leptos::prelude::*;
use page::{Assets, IdempotencyKeyField, personal_fragment, with_query};

use crate::bff::Availability;

/// The link to the cart, with the number of items in it.
pub fn mini_cart(quantity: u32, assets: &Assets) -> String {
    let src = "/checkout/fragments/mini-cart".to_owned();
    personal_fragment(src, assets, move || {
        view! {
            <a href="/cart" class="mini-cart" aria-label=label(quantity)>
                "Cart "<span class="count" hidden={quantity == 0}>{quantity.to_string()}</span>
            </a>
            <MiniCart/>
        }
    })
}

/// The form that adds an item to the cart.
pub fn add_to_cart(availability: Availability, assets: &Assets) -> String {
    let Availability {
        sku,
        available,
        quantity_limit,
    } = availability;
    let limit = quantity_limit.max(1);
    let src = with_query("/checkout/fragments/add-to-cart", "sku", &sku);
    personal_fragment(src, assets, move || {
        view! {
            <form method="post" action="/cart/lines" class="add-to-cart">
                <IdempotencyKeyField/>
                <input type="hidden" name="sku" value=sku autocomplete="off"/>
                <label>
                    <span>"Quantity "<span class="limit">{hint(available, limit)}</span></span>
                    <input type="number" name="quantity" value="1" min="1" max=limit.to_string() step="1" required=true/>
                </label>
                <button class="button" disabled=!available>{button(available)}</button>
                <p class="status" role="status" aria-live="polite">
                    <span class="said"></span><a href="/cart" hidden=true>"View cart"</a>
                </p>
            </form>
            <AddToCart/>
        }
    })
}
