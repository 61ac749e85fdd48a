//! Prices that have changed since an item was added to the cart.

use leptos::prelude::*;

use crate::bff::{Cart, CartLine};

/// Both prices of a line, if they differ.
pub fn price_change(line: &CartLine) -> Option<impl IntoView + use<>> {
    let (previous, current) = line.price_change()?;
    let trend = if current.minor < previous.minor { "down" } else { "up" };
    let each = (line.quantity > 1).then_some(" each");
    Some(view! {
        <p class="repriced" data-trend=trend>
            "Was "<s class="price">{previous.to_string()}</s>", now "<span class="price">{current.to_string()}</span>{each}
        </p>
    })
}

/// The notice that prices have changed.
pub fn notice(cart: &Cart) -> Option<impl IntoView + use<>> {
    let changed = cart.lines.iter().filter(|line| line.price_change().is_some());
    let text = match changed.count() {
        0 => return None,
        1 => "A price has changed since you added the item. You pay today’s price.",
        _ => "Some prices have changed since you added the items. You pay today’s prices.",
    };
    Some(view! { <p class="notice" role="status">{text}</p> })
}
