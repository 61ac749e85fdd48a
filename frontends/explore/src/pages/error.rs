//! Error pages.

use leptos::prelude::*;
use page::{Assets, document};

use super::shop_document;

/// The page for 404.
pub fn missing(assets: &Assets) -> String {
    message_page(
        assets,
        "Page not found",
        "This page does not exist or is no longer available.",
    )
}

/// The page for 503.
pub fn unavailable(assets: &Assets) -> String {
    message_page(
        assets,
        "One moment, please",
        "We cannot show this page right now. Please try again in a moment.",
    )
}

fn message_page(assets: &Assets, title: &'static str, text: &'static str) -> String {
    document(shop_document(format!("{title} – Stoa"), text), assets, move || {
        view! {
            <div class="wrap notice-page">
                <h1>{title}</h1>
                <p>{text}</p>
                <a class="button button-quiet" href="/">"Back to the shop"</a>
            </div>
        }
    })
}
