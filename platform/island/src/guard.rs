//! The loader's guard around every callback and promise.

use std::cell::OnceCell;

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

thread_local! {
    static GUARD: OnceCell<Function> = const { OnceCell::new() };
}

/// Installs the loader's guard: a function that wraps functions and promises so that they do not run this bundle's code any
/// more once it has failed. Call it before anything else.
pub fn install_guard(guard: Function) {
    // The first guard stays.
    let _ = GUARD.with(|there| there.set(guard));
}

/// Wraps a closure for the browser to call. There is one type for all callbacks, since each type makes the bundle larger.
pub fn callback(handler: impl Fn(JsValue) + 'static) -> Function {
    let handler = Closure::<dyn Fn(JsValue)>::new(handler).into_js_value();
    guarded(handler).unchecked_into()
}

/// Awaits a JavaScript promise.
pub async fn resolve(promise: Promise) -> Result<JsValue, JsValue> {
    let promise: Promise = guarded(promise.into()).unchecked_into();
    JsFuture::from(promise).await
}

fn guarded(it: JsValue) -> JsValue {
    let guard = GUARD.with(|guard| guard.get().cloned());
    guard
        .and_then(|guard| guard.call1(&JsValue::NULL, &it).ok())
        .unwrap_or(it)
}
