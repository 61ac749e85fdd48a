use island::{LiveUpdates, all, field, follow, on_mount, set_flag, set_text};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsValue;

use crate::api::{API, count_cart};
use crate::events::announce_cart;

/// Follows an order in progress. The page contains the texts for every state, marked with `data-outcome`; the island shows
/// those of the current state.
#[island]
pub fn OrderStatus(
    /// Order id
    id: String,
) -> impl IntoView {
    on_mount(move || {
        let state = [API, "/orders/", &id].concat();
        follow(LiveUpdates {
            socket: [&state, "/live"].concat(),
            state: Some(state),
            on_update: Box::new(show),
            on_end: || spawn_local(update_cart()),
        });
    })
}

/// Shows the state of an order. Returns whether the state can still change.
fn show(order: &JsValue) -> bool {
    let text = |name: &str| field(order, name).as_string();
    let outcome = text("outcome").unwrap_or_default();
    let is_final = outcome == "accepted" || outcome == "rejected";
    let (redirect_url, paid_by) = (text("redirect_url"), text("paid_by").unwrap_or_default());
    let is_paid = field(order, "is_paid").as_bool() == Some(true);
    let state = match (&*outcome, &redirect_url, &*paid_by) {
        ("accepted", _, "invoice") if !is_paid => "payment_due",
        ("accepted" | "rejected", ..) => &*outcome,
        (_, Some(_), "hosted_page") => "awaiting_payment",
        (_, Some(_), _) => "awaiting_bank",
        // Also for an unknown outcome.
        (_, None, _) => "in_progress",
    };
    if let Some(reason) = text("reason") {
        for element in all(".order .reason") {
            set_text(&element, &rejection_text(&reason));
        }
    }
    if let Some(url) = redirect_url {
        for link in all(".order .redirect") {
            // This fails only for an invalid attribute name.
            let _ = link.set_attribute("href", &url);
        }
    }
    for element in all("[data-outcome]") {
        let states = element.get_attribute("data-outcome").unwrap_or_default();
        let is_shown = states.split(' ').any(|it| it == state);
        set_flag(&element, "hidden", !is_shown);
    }
    !is_final
}

/// The reason of a rejection, and that nothing was charged, unless the reason says so already.
#[must_use]
pub fn rejection_text(reason: &str) -> String {
    const UNCHARGED: &str = "Nothing was charged";
    // `str::contains` would add more to the download.
    let mut parts = reason.as_bytes().windows(UNCHARGED.len());
    if parts.any(|part| part == UNCHARGED.as_bytes()) {
        return reason.to_owned();
    }
    let space = if reason.is_empty() { "" } else { " " };
    [reason, space, UNCHARGED, "."].concat()
}

/// A confirmed order has emptied the cart.
async fn update_cart() {
    if let Some(quantity) = count_cart().await {
        announce_cart(quantity);
    }
}
