//! What the picker does to the page around it.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit, Element, HtmlElement, MouseEvent};

/// Whether the click means "go there", and not "open it in another tab".
pub fn is_plain(click: &MouseEvent) -> bool {
    click.button() == 0
        && !click.default_prevented()
        && !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key())
}

/// The link that was clicked.
pub fn link(click: &MouseEvent) -> Option<Element> {
    click.current_target()?.dyn_into().ok()
}

/// The picker itself.
pub fn picker() -> Option<Element> {
    let document = web_sys::window()?.document()?;
    document.query_selector(".picker").ok().flatten()
}

/// A field of a JavaScript object; undefined when it is not there.
pub fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Offers the variant to the page; true when a listener has taken it over.
pub fn is_taken(from: Option<Element>, sku: &str, available: bool) -> bool {
    let Some(from) = from else { return false };
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
        .and_then(|event| from.dispatch_event(&event))
        .is_ok_and(|untouched| !untouched)
}

/// A reload or a shared address shows what the shopper sees now.
pub fn show_address(href: &str) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        // A refusal (rate limit) only leaves the old address in the bar.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(href));
    }
}

/// Scrolls the gallery, and nothing else, to the picture with this id.
pub fn show_picture(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let picture = document.and_then(|document| document.get_element_by_id(id));
    let Some(picture) = picture.and_then(|picture| picture.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    if let Some(gallery) = picture.parent_element() {
        gallery.set_scroll_left(picture.offset_left());
    }
}
