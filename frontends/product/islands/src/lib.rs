//! The islands of the product frontend.
//!
//! Invariants: the page works as plain HTML without them; an island looks up the elements that it reads and changes each
//! time, and ignores an event if any of them is missing; it talks to other frontends through bubbling DOM events only.

mod document;
mod variant;
mod variant_picker;

pub use variant::{SOLD_OUT, Variant, VariantOption, availability_text, nearest};
pub use variant_picker::VariantPicker;

/// Prepares the reactive system. The loader calls it once before any island, with its guard.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(guard: js_sys::Function) {
    island::install_guard(guard);
    leptos::mount::hydrate_islands();
}
