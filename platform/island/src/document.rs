//! The page's elements and events.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, Document, Element, Event, EventTarget, NodeList};

use crate::callback;

/// The document.
#[must_use]
pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// All elements of the page that match a CSS selector.
#[must_use]
pub fn all(selector: &str) -> Vec<Element> {
    elements(document().and_then(|document| document.query_selector_all(selector).ok()))
}

/// All elements within `within` that match a CSS selector.
#[must_use]
pub fn all_in(within: &Element, selector: &str) -> Vec<Element> {
    elements(within.query_selector_all(selector).ok())
}

fn elements(found: Option<NodeList>) -> Vec<Element> {
    let Some(found) = found else { return Vec::new() };
    (0..found.length())
        .filter_map(|index| found.get(index)?.dyn_into().ok())
        .collect()
}

/// The first element within `within` that matches a CSS selector.
#[must_use]
pub fn find(within: &Element, selector: &str) -> Option<Element> {
    within.query_selector(selector).ok().flatten()
}

/// Replaces the content of an element by text. An element with this text already stays as it is, so that a translator's
/// changes are not undone.
pub fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Sets or removes a boolean attribute.
pub fn set_flag(element: &Element, name: &str, is_set: bool) {
    // It fails only for invalid names.
    let _ = element.toggle_attribute_with_force(name, is_set);
}

/// The event's target, or its closest ancestor that matches a CSS selector.
#[must_use]
pub fn target(event: &Event, selector: &str) -> Option<Element> {
    let element: Element = event.target()?.dyn_into().ok()?;
    element.closest(selector).ok().flatten()
}

/// Calls `handler` for every event `name` that reaches the document, until the page is left: islands are never unmounted.
pub fn listen(name: &str, handler: impl Fn(&Event) + 'static) {
    let Some(document) = document() else { return };
    let handler = callback(move |event| handler(event.unchecked_ref()));
    // It does not fail.
    let _ = document.add_event_listener_with_callback(name, &handler);
}

/// Dispatches a cancelable event that bubbles from `from`. Returns whether a listener has cancelled it, that is, taken it
/// over.
#[must_use]
pub fn announce(from: &EventTarget, name: &str, detail: &[(&str, JsValue)]) -> bool {
    let object = Object::new();
    for (name, value) in detail {
        if Reflect::set(&object, &JsValue::from_str(name), value).is_err() {
            return false;
        }
    }
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_detail(&object);
    CustomEvent::new_with_event_init_dict(name, &init)
        .and_then(|event| from.dispatch_event(&event))
        .is_ok_and(|is_untouched| !is_untouched)
}

/// A property of a JavaScript object; `undefined` if it does not exist.
#[must_use]
pub fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A property that is a whole number from 0 to `u32::MAX`; `None` if it is anything else.
#[must_use]
pub fn count(object: &JsValue, name: &str) -> Option<u32> {
    let number = field(object, name).as_f64()?;
    let is_count = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked: whole, not negative and within range"
    )]
    is_count.then_some(number as u32)
}
