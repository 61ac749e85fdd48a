//! Error pages.

use leptos::prelude::*;
use page::{Assets, document};

use super::about;

/// The path leads to no page.
pub fn not_found(assets: &Assets) -> String {
    error_page(
        assets,
        "Page not found",
        "There is no page at this address, or it no longer exists.",
    )
}

/// The page cannot be shown now.
pub fn unavailable(assets: &Assets) -> String {
    error_page(
        assets,
        "One moment, please",
        "We cannot show this page right now. Nothing is lost; please try again in a moment.",
    )
}

/// The posted form cannot be read.
pub fn unreadable(assets: &Assets) -> String {
    error_page(
        assets,
        "Something went wrong",
        "We could not read what your browser sent. Please go back and try again.",
    )
}

fn error_page(assets: &Assets, title: &'static str, text: &'static str) -> String {
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
