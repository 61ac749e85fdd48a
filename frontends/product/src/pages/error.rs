//! What stands where a product page cannot.

use leptos::prelude::*;
use page::{Assets, document};

use super::about;

/// There is no such product.
pub fn missing(assets: &Assets) -> String {
    calm(
        assets,
        "We do not have this",
        "There is nothing at this address, or no longer. The rest of the shop is where it was.",
    )
}

/// The page cannot be made now.
pub fn unavailable(assets: &Assets) -> String {
    calm(
        assets,
        "One moment, please",
        "We cannot show this product right now. Nothing is lost; please try again in a moment.",
    )
}

fn calm(assets: &Assets, title: &'static str, text: &'static str) -> String {
    document(about(title, text), assets, move || {
        view! {
            <div class="wrap notice-page">
                <h1>{title}</h1>
                <p>{text}</p>
                <a class="button button-quiet" href="/">"Back to the shop"</a>
            </div>
        }
    })
}
