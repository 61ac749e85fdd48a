//! Events of the whole document: how frontends hear each other.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{CustomEvent, CustomEventInit, Element};

/// Another frontend's word for "the shopper chose this variant".
pub const VARIANT_SELECTED: &str = "product:variant-selected";
/// This frontend's word for "the cart holds this many items now".
pub const CART_CHANGED: &str = "checkout:cart-changed";

/// Calls `handler` for every event `name` that reaches the document.
///
/// For as long as the page lives: islands are never unmounted.
pub fn listen(name: &str, handler: impl Fn(CustomEvent) + 'static) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else {
        return;
    };
    let handler = callback(move |event| handler(event.unchecked_into()));
    // It fails for no name.
    let _ = document.add_event_listener_with_callback(name, &handler);
}

/// A function for the browser to call, with one type for all: each makes the bundle larger.
pub fn callback(handler: impl Fn(JsValue) + 'static) -> Function {
    Closure::<dyn Fn(JsValue)>::new(handler)
        .into_js_value()
        .unchecked_into()
}

/// Tells the document that the cart now holds `quantity` items.
pub fn announce_cart(from: &Element, quantity: u32) {
    let detail = Object::new();
    if Reflect::set(&detail, &"quantity".into(), &quantity.into()).is_err() {
        return;
    }
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_detail(&detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(CART_CHANGED, &init) {
        // It fails only for an event already under way; this one is new.
        let _ = from.dispatch_event(&event);
    }
}

/// A field of a JavaScript object; undefined when it is not there.
pub fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A count from a field: none when it is not a whole number from zero up.
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
