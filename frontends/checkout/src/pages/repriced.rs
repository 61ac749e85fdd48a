//! Another price than when it was put in the cart.

use leptos::prelude::*;

use crate::bff::{Cart, Line};

/// Both prices of a line, where they are not the same.
pub fn repriced(line: &Line) -> Option<impl IntoView + use<>> {
    let (was, now) = line.repriced()?;
    let trend = if now.minor < was.minor { "down" } else { "up" };
    let each = (line.quantity > 1).then_some(" each");
    Some(view! {
        <p class="repriced" data-trend=trend>
            "Was "<s class="price">{was.to_string()}</s>", now "<span class="price">{now.to_string()}</span>{each}
        </p>
    })
}

/// That there are such lines, and what that means.
pub fn news(cart: &Cart) -> Option<impl IntoView + use<>> {
    let repriced = cart.lines.iter().filter(|line| line.repriced().is_some());
    let text = match repriced.count() {
        0 => return None,
        1 => "A price has changed since you filled your cart. You pay today’s.",
        _ => "Some prices have changed since you filled your cart. You pay today’s.",
    };
    Some(view! { <p class="notice" role="status">{text}</p> })
}
