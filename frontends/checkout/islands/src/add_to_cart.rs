use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{CustomEvent, HtmlFormElement, HtmlInputElement};

use crate::{
    api::{Outcome, add_line},
    document::{VARIANT_SELECTED, announce_cart, field, listen},
};

/// What the shopper is told below the button.
#[derive(Clone, PartialEq)]
enum Status {
    Idle,
    Sending,
    Added,
    Refused(String),
}

impl Status {
    fn text(&self) -> String {
        match self {
            Self::Idle => String::new(),
            Self::Sending => "Adding…".to_owned(),
            Self::Added => "Added to your cart. ".to_owned(),
            Self::Refused(reason) => reason.clone(),
        }
    }
}

/// A form that puts a SKU into the cart; alive, it does so without leaving the
/// page, and follows the variant that the shopper selects.
#[island]
pub fn AddToCart(
    /// The SKU that the page was made for.
    sku: String,
    /// Whether that SKU can be bought now.
    available: bool,
) -> impl IntoView {
    let (sku, set_sku) = signal(sku);
    let (available, set_available) = signal(available);
    let status = RwSignal::new(Status::Idle);
    Effect::new(move || {
        listen(VARIANT_SELECTED, move |event| {
            if let Some((sku, available)) = selection(&event) {
                event.prevent_default();
                set_sku.set(sku);
                set_available.set(available);
                status.set(Status::Idle);
            }
        });
    });
    let submit = move |event: SubmitEvent| {
        let form = event.target().and_then(|t| t.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form else { return };
        event.prevent_default();
        if available.get_untracked() && status.get_untracked() != Status::Sending {
            status.set(Status::Sending);
            spawn_local(add(form, sku.get_untracked(), status));
        }
    };
    view! {
        <form method="post" action="/cart/lines" class="add-to-cart" on:submit=submit>
            <input type="hidden" name="sku" value=sku />
            <label>
                "Quantity "
                <input type="number" name="quantity" value="1" min="1" max="99" step="1" required />
            </label>
            <button
                type="submit"
                disabled=move || !available.get()
                aria-disabled=move || (status.get() == Status::Sending).then_some("true")
            >
                {move || if available.get() { "Add to cart" } else { "Sold out" }}
            </button>
            <p class="status" role="status" aria-live="polite">
                {move || status.get().text()}
                <a href="/cart" hidden=move || status.get() != Status::Added>"View cart"</a>
            </p>
        </form>
    }
}

/// The variant in a `product:variant-selected`; none when a field is missing:
/// then nobody takes the event over and the link navigates.
fn selection(event: &CustomEvent) -> Option<(String, bool)> {
    let detail = event.detail();
    Some((
        field(&detail, "sku").as_string()?,
        field(&detail, "available").as_bool()?,
    ))
}

async fn add(form: HtmlFormElement, sku: String, status: RwSignal<Status>) {
    match add_line(&sku, quantity(&form)).await {
        Outcome::Added(total) => {
            status.set(Status::Added);
            announce_cart(&form, total);
        }
        Outcome::Refused(reason) => status.set(Status::Refused(reason)),
        Outcome::Unreachable => {
            status.set(Status::Idle);
            // Without the island's handler: the browser shows what comes back.
            if form.submit().is_err() {
                status.set(Status::Refused("Please try again.".to_owned()));
            }
        }
    }
}

/// The browser has checked the bounds of the field before it lets a form go.
fn quantity(form: &HtmlFormElement) -> f64 {
    let input = form.query_selector("[name=quantity]").ok().flatten();
    let input = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
    input.map_or(1.0, |input| input.value_as_number())
}
