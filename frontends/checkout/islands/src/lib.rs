//! The islands of the checkout frontend.
//!
//! Invariants: the page works as plain HTML without them; an island looks up the elements it reads and changes each time, and
//! leaves an event to the browser if one is missing; it talks to other frontends through bubbling DOM events only.

mod add_to_cart;
mod api;
mod events;
mod mini_cart;
mod order_status;

pub use add_to_cart::{AddToCart, button, hint};
pub use mini_cart::{MiniCart, label};
pub use order_status::{OrderStatus, rejection_text};

/// Prepares the reactive system; the loader calls it once before any island, with its guard.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(guard: js_sys::Function) {
    island::install_guard(guard);
    leptos::mount::hydrate_islands();
}
