use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{CustomEvent, HtmlFormElement, HtmlInputElement};

use crate::{
    api::{Outcome, add_line},
    document::{VARIANT_SELECTED, announce_cart, field, listen},
};

/// Of a cart's line, at most; what is there may be less, or not known.
const MOST: u32 = 99;

/// All that changes, in one signal: each type of signal makes the bundle a kilobyte larger.
#[derive(Clone)]
struct Form {
    sku: String,
    available: bool,
    limit: u32,
    status: Status,
}

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

impl Form {
    fn hint(&self) -> String {
        match self.available && self.limit < MOST {
            true => format!("(up to {})", self.limit),
            false => String::new(),
        }
    }

    fn button(&self) -> String {
        let text = if self.available { "Add to cart" } else { "Sold out" };
        text.to_owned()
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
    /// How many of it at most.
    limit: u32,
) -> impl IntoView {
    let state = RwSignal::new(Form {
        sku,
        available,
        limit: limit.clamp(1, MOST),
        status: Status::Idle,
    });
    Effect::new(move || {
        listen(VARIANT_SELECTED, move |event| {
            if let Some(selected) = selection(&event) {
                event.prevent_default();
                state.set(selected);
            }
        });
    });
    let submit = move |event: SubmitEvent| {
        let form = event.target().and_then(|t| t.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form else { return };
        event.prevent_default();
        let now = state.get_untracked();
        if now.available && now.status != Status::Sending {
            tell(state, Status::Sending);
            spawn_local(add(form, now.sku, state));
        }
    };
    view! {
        <form method="post" action="/cart/lines" class="add-to-cart" on:submit=submit>
            <input type="hidden" name="sku" value=move || state.get().sku />
            <label>
                <span>"Quantity "<span class="limit">{move || state.get().hint()}</span></span>
                <input
                    type="number"
                    name="quantity"
                    value="1"
                    min="1"
                    max=move || state.get().limit.to_string()
                    step="1"
                    required
                />
            </label>
            <button class="button" disabled=move || !state.get().available>
                {move || state.get().button()}
            </button>
            <p class="status" role="status" aria-live="polite">
                {move || state.get().status.text()}
                <a href="/cart" hidden=move || state.get().status != Status::Added>"View cart"</a>
            </p>
        </form>
    }
}

/// The variant in a `product:variant-selected`; none when a field is missing:
/// then nobody takes the event over and the link navigates.
fn selection(event: &CustomEvent) -> Option<Form> {
    let detail = event.detail();
    Some(Form {
        sku: field(&detail, "sku").as_string()?,
        available: field(&detail, "available").as_bool()?,
        limit: MOST,
        status: Status::Idle,
    })
}

fn tell(state: RwSignal<Form>, status: Status) {
    state.set(Form {
        status,
        ..state.get_untracked()
    });
}

async fn add(form: HtmlFormElement, sku: String, state: RwSignal<Form>) {
    match add_line(&sku, quantity(&form)).await {
        Outcome::Added(total) => {
            tell(state, Status::Added);
            announce_cart(&form, total);
        }
        Outcome::Refused(reason) => tell(state, Status::Refused(reason)),
        Outcome::Unreachable => {
            tell(state, Status::Idle);
            // Without the island's handler: the browser shows what comes back.
            if form.submit().is_err() {
                tell(state, Status::Refused("Please try again.".to_owned()));
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
