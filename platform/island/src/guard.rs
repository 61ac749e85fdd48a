//! The loader's guard around everything that the browser calls.

use std::cell::OnceCell;

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

thread_local! {
    static GUARD: OnceCell<Function> = const { OnceCell::new() };
}

/// Begins under this guard: a function that gives back what it is given, functions and promises, such that neither
/// reaches the bundle once it has failed.
pub fn begin(guard: Function) {
    // A second one has nothing to say.
    let _ = GUARD.with(|there| there.set(guard));
}

/// A function for the browser to call, with one type for all: each makes the bundle larger.
pub fn callback(handler: impl Fn(JsValue) + 'static) -> Function {
    let handler = Closure::<dyn Fn(JsValue)>::new(handler).into_js_value();
    guarded(handler).unchecked_into()
}

/// What a promise comes to.
pub async fn settled(promise: Promise) -> Result<JsValue, JsValue> {
    let promise: Promise = guarded(promise.into()).unchecked_into();
    JsFuture::from(promise).await
}

fn guarded(it: JsValue) -> JsValue {
    let guard = GUARD.with(|guard| guard.get().cloned());
    guard
        .and_then(|guard| guard.call1(&JsValue::NULL, &it).ok())
        .unwrap_or(it)
}
