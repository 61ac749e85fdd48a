use js_sys::{Object, Reflect};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, Element, MouseEvent};

/// One buyable form of a product, ready to be shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variant {
    /// The stock keeping unit that is sold.
    pub sku: String,
    /// What the shopper reads, such as "Clay, large".
    pub label: String,
    /// The product page with this variant selected.
    pub href: String,
    /// The price, formatted for the shopper's market.
    pub price: String,
    /// Availability in words, such as "In stock".
    pub availability: String,
    /// Whether it can be bought now.
    pub available: bool,
}

/// Links to every variant, and the price and availability of the selected one.
///
/// A click offers the variant to the page as `product:variant-selected`. Only
/// when a listener takes it over is the page kept: otherwise the link
/// navigates, so that an add-to-cart that is not alive yet never sells the
/// wrong variant.
#[island]
pub fn VariantPicker(
    /// Every variant, in the order of the list.
    variants: Vec<Variant>,
    /// The SKU that the page was asked for.
    selected: String,
) -> impl IntoView {
    let start = variants.iter().position(move |v| v.sku == selected).unwrap_or(0);
    let (current, set_current) = signal(start);
    let facts: Vec<(String, String)> = variants
        .iter()
        .map(|v| (v.price.clone(), v.availability.clone()))
        .collect();
    let facts = StoredValue::new(facts);
    let price = move || facts.with_value(|f| f.get(current.get()).map(|v| v.0.clone()));
    let availability = move || facts.with_value(|f| f.get(current.get()).map(|v| v.1.clone()));
    let links: Vec<_> = variants
        .into_iter()
        .enumerate()
        .map(|(index, variant)| {
            let is_current = move || (current.get() == index).then_some("true");
            let Variant {
                sku,
                label,
                href,
                available,
                ..
            } = variant;
            let target = href.clone();
            let choose = move |click: MouseEvent| {
                if is_plain(&click) && is_taken(&click, &sku, available) {
                    click.prevent_default();
                    set_current.set(index);
                    show_address(&target);
                }
            };
            view! {
                <li>
                    <a href=href aria-current=is_current on:click=choose>{label}</a>
                </li>
            }
        })
        .collect();
    view! {
        <div class="picker">
            <p class="price" aria-live="polite">{price}</p>
            <p class="availability" aria-live="polite">{availability}</p>
            <ul>{links}</ul>
        </div>
    }
}

/// Whether the click means "go there", and not "open it in another tab".
fn is_plain(click: &MouseEvent) -> bool {
    click.button() == 0
        && !click.default_prevented()
        && !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key())
}

/// Offers the variant to the page; true when a listener has taken it over.
fn is_taken(click: &MouseEvent, sku: &str, available: bool) -> bool {
    let link = click.current_target().and_then(|t| t.dyn_into::<Element>().ok());
    let Some(link) = link else { return false };
    let detail = Object::new();
    let fields = [("sku", JsValue::from(sku)), ("available", JsValue::from(available))];
    for (name, value) in fields {
        if Reflect::set(&detail, &JsValue::from(name), &value).is_err() {
            return false;
        }
    }
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_detail(&detail);
    CustomEvent::new_with_event_init_dict("product:variant-selected", &init)
        .and_then(|event| link.dispatch_event(&event))
        .is_ok_and(|untouched| !untouched)
}

/// A reload or a shared address shows what the shopper sees now.
fn show_address(href: &str) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        // A refusal (rate limit) only leaves the old address in the bar.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(href));
    }
}
