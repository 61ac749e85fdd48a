use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element};

use crate::{
    api::get,
    document::{announce_cart, count, field},
    live::follow,
};

/// Follows an order that is being placed. The page holds the words for whatever may become of it, each marked with
/// `data-outcome`; those that are true are shown.
#[island]
pub fn OrderStatus(
    /// The order's name in addresses.
    id: String,
) -> impl IntoView {
    Effect::new(move || follow(["/orders/", &id].concat(), show, count_cart));
    // What the loader wakes at once.
    view! { <span data-live hidden></span> }
}

/// Shows what an order has come to, and says whether there may come more.
fn show(order: &JsValue) -> bool {
    let text = |name: &str| field(order, name).as_string();
    let Some(document) = document() else { return false };
    let outcome = text("outcome").unwrap_or_default();
    let is_over = outcome == "accepted" || outcome == "refused";
    let action = text("action");
    let state = match (is_over, &action) {
        (true, _) => &*outcome,
        (false, Some(_)) => "asks",
        // Also what says nothing that can be read.
        (false, None) => "underway",
    };
    if let (Some(reason), Some(there)) = (text("reason"), find(&document, ".reason")) {
        there.set_text_content(Some(&reason));
    }
    if let (Some(action), Some(there)) = (action, find(&document, ".action")) {
        there.set_attribute("href", &action).ok();
    }
    let words = document.query_selector_all("[data-outcome]").ok();
    for index in 0..words.as_ref().map_or(0, web_sys::NodeList::length) {
        let word = words.as_ref().and_then(|words| words.get(index));
        if let Some(word) = word.and_then(|word| word.dyn_into::<Element>().ok()) {
            let is_true = word.get_attribute("data-outcome").as_deref() == Some(state);
            word.toggle_attribute_with_force("hidden", !is_true).ok();
        }
    }
    !is_over
}

/// An order that stands has emptied the cart.
fn count_cart() {
    spawn_local(async {
        let count = get("/cart/count").await.ok().and_then(|cart| count(&cart, "quantity"));
        let from = document().and_then(|document| find(&document, "[data-live]"));
        if let (Some(count), Some(from)) = (count, from) {
            announce_cart(&from, count);
        }
    });
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn find(document: &Document, selector: &str) -> Option<Element> {
    document.query_selector(selector).ok().flatten()
}
