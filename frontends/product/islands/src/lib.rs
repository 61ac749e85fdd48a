//! The islands of the product frontend.
//!
//! Invariants: an island works as plain HTML before it is alive, and talks to
//! other frontends through bubbling DOM events only.

mod choice;
mod document;
mod live;
mod variant_picker;

pub use choice::{Group, Variant, in_words};
pub use variant_picker::VariantPicker;

/// Prepares the reactive system; the loader calls it once before any island.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
