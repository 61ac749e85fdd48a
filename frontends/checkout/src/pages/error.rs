//! What stands where another page cannot.

use leptos::prelude::*;
use page::{Assets, document};

use super::about;

/// There is nothing at this address.
pub fn missing(assets: &Assets) -> String {
    calm(
        assets,
        "Nothing here",
        "There is nothing at this address, or no longer. The rest of the shop is where it was.",
    )
}

/// The page cannot be made now.
pub fn unavailable(assets: &Assets) -> String {
    calm(
        assets,
        "One moment, please",
        "We cannot show this right now. Nothing is lost; please try again in a moment.",
    )
}

/// What was sent cannot be read.
pub fn unreadable(assets: &Assets) -> String {
    calm(
        assets,
        "That did not work",
        "We could not read what was sent. Please go back and try once more.",
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
