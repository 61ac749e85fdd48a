//! Error pages.

use leptos::prelude::*;
use page::{Assets, document};

use super::layout;

/// The page for an unknown product or path.
pub fn missing(assets: &Assets) -> String {
    notice(
        assets,
        "Product not found",
        "This product does not exist or is no longer available.",
    )
}

/// The page while the BFF does not answer.
pub fn unavailable(assets: &Assets) -> String {
    notice(
        assets,
        "One moment, please",
        "We cannot show this product right now. Please try again in a moment.",
    )
}

fn notice(assets: &Assets, title: &'static str, text: &'static str) -> String {
    document(layout(title, text), assets, move || {
        view! {
            <div class="wrap notice-page">
                <h1>{title}</h1>
                <p>{text}</p>
                <a class="button button-quiet" href="/">"Back to the shop"</a>
            </div>
        }
    })
}
