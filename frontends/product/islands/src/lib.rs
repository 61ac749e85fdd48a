//! The islands of the product frontend.
//!
//! Invariants: the page works as plain HTML without them; an island finds what it reads and changes anew each time,
//! and leaves an event alone where anything is missing; it talks to other frontends through bubbling DOM events only.

mod choice;
mod document;
mod variant_picker;

pub use choice::{Group, SOLD_OUT, Variant, in_words, nearest};
pub use variant_picker::VariantPicker;

/// Prepares the reactive system; the loader calls it once before any island, with its guard.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(guard: js_sys::Function) {
    island::begin(guard);
    leptos::mount::hydrate_islands();
}
