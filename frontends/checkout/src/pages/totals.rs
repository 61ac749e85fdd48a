//! What it comes to.

use leptos::prelude::*;
use money::Money;

/// A price; nothing costs €0.00.
pub fn price(money: Money) -> String {
    match money.minor {
        0 => "Free".to_owned(),
        _ => money.to_string(),
    }
}

/// A sum, from its parts to the tax it contains.
#[component]
pub fn Totals(
    /// What the things cost
    subtotal: Money,
    /// How they are sent
    delivery: String,
    /// What that costs
    shipping: Money,
    /// All of it
    total: Money,
    /// What of it is tax
    tax: Money,
) -> impl IntoView {
    view! {
        <dl class="totals">
            <div><dt>"Subtotal"</dt><dd class="price">{subtotal.to_string()}</dd></div>
            <div><dt>{delivery}</dt><dd class="price">{price(shipping)}</dd></div>
            <div class="total"><dt>"Total"</dt><dd class="price">{total.to_string()}</dd></div>
            <div class="tax"><dt>"Tax contained in it"</dt><dd class="price">{tax.to_string()}</dd></div>
        </dl>
    }
}
