use island::{Live, alive, all, field, follow, set_flag, set_text};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsValue;

use crate::api::{API, count_cart};
use crate::events::announce_cart;

/// Follows an order that is being placed. The page holds the words for whatever may become of it, each marked with
/// `data-outcome`; those that are true are shown.
#[island]
pub fn OrderStatus(
    /// The order's name in addresses.
    id: String,
) -> impl IntoView {
    alive(move || {
        let state = [API, "/orders/", &id].concat();
        follow(Live {
            socket: [&state, "/live"].concat(),
            state: Some(state),
            hear: Box::new(show),
            end: || spawn_local(count()),
        });
    })
}

/// Shows what an order has come to, and says whether there may come more.
fn show(order: &JsValue) -> bool {
    let text = |name: &str| field(order, name).as_string();
    let outcome = text("outcome").unwrap_or_default();
    let is_over = outcome == "accepted" || outcome == "refused";
    let (action, paid_by) = (text("action"), text("paid_by").unwrap_or_default());
    let is_paid = field(order, "is_paid").as_bool() == Some(true);
    let state = match (&*outcome, &action, &*paid_by) {
        ("accepted", _, "invoice") if !is_paid => "owed",
        ("accepted" | "refused", ..) => &*outcome,
        (_, Some(_), "hosted_page") => "pays",
        (_, Some(_), _) => "asks",
        // Also what says nothing that can be read.
        (_, None, _) => "underway",
    };
    if let Some(reason) = text("reason") {
        for there in all(".order .reason") {
            set_text(&there, &reason);
        }
    }
    if let Some(action) = action {
        for there in all(".order .action") {
            // It fails for no name of ours.
            let _ = there.set_attribute("href", &action);
        }
    }
    for words in all("[data-outcome]") {
        let meant = words.get_attribute("data-outcome").unwrap_or_default();
        let is_true = meant.split(' ').any(|it| it == state);
        set_flag(&words, "hidden", !is_true);
    }
    !is_over
}

/// An order that stands has emptied the cart.
async fn count() {
    if let Some(quantity) = count_cart().await {
        announce_cart(quantity);
    }
}
