use island::{all, count, field, find, listen, on_mount, set_flag, set_text};
use leptos::prelude::*;

use crate::events::CART_CHANGED;

/// Keeps the number of items in every link to the cart up to date.
#[island]
pub fn MiniCart() -> impl IntoView {
    on_mount(|| {
        listen(CART_CHANGED, |event| {
            if let Some(quantity) = count(&field(event, "detail"), "quantity") {
                show(quantity);
            }
        });
    })
}

/// The link's accessible name.
#[must_use]
pub fn label(quantity: u32) -> String {
    match quantity {
        0 => "Cart, empty".to_owned(),
        1 => "Cart, 1 item".to_owned(),
        many => ["Cart, ", &many.to_string(), " items"].concat(),
    }
}

fn show(quantity: u32) {
    for link in all(".mini-cart") {
        // This fails only for an invalid attribute name.
        let _ = link.set_attribute("aria-label", &label(quantity));
        if let Some(count) = find(&link, ".count") {
            set_text(&count, &quantity.to_string());
            set_flag(&count, "hidden", quantity == 0);
        }
    }
}
