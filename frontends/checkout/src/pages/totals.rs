//! Totals.

use leptos::prelude::*;
use money::Money;

/// A price; `Free` if it is zero.
pub fn price(money: Money) -> String {
    match money.minor {
        0 => "Free".to_owned(),
        _ => money.to_string(),
    }
}

/// Subtotal, shipping, total, and the tax contained in it.
#[component]
pub fn Totals(
    /// The sum of the items
    subtotal: Money,
    /// The name of the shipping method
    delivery: String,
    /// The shipping price
    shipping: Money,
    /// The amount to pay
    total: Money,
    /// The tax contained in the total
    tax: Money,
) -> impl IntoView {
    view! {
        <dl class="totals">
            <div><dt>"Subtotal"</dt><dd class="price">{subtotal.to_string()}</dd></div>
            <div><dt>{delivery}</dt><dd class="price">{price(shipping)}</dd></div>
            <div class="total"><dt>"Total"</dt><dd class="price">{total.to_string()}</dd></div>
            <div class="tax"><dt>"Includes VAT"</dt><dd class="price">{tax.to_string()}</dd></div>
        </dl>
    }
}
