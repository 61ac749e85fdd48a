use leptos::prelude::*;

use crate::document::{CART_CHANGED, count, listen};

/// The link to the cart with the number of items in it.
#[island]
pub fn MiniCart(
    /// Items in the cart when the page was made.
    quantity: u32,
) -> impl IntoView {
    let quantity = RwSignal::new(quantity);
    Effect::new(move || {
        listen(CART_CHANGED, move |event| {
            if let Some(now) = count(&event.detail(), "quantity") {
                quantity.set(now);
            }
        });
    });
    let label = move || match quantity.get() {
        0 => "Cart, empty".to_owned(),
        1 => "Cart, 1 item".to_owned(),
        many => format!("Cart, {many} items"),
    };
    view! {
        <a href="/cart" class="mini-cart" aria-label=label>
            "Cart "
            <span class="count" hidden=move || quantity.get() == 0>
                {move || quantity.get().to_string()}
            </span>
        </a>
    }
}
