//! The islands of the checkout frontend.
//!
//! Invariants: an island works as plain HTML before it is alive, and talks to
//! other frontends through bubbling DOM events only.

mod add_to_cart;
mod api;
mod document;
mod live;
mod mini_cart;
mod order_status;

pub use add_to_cart::AddToCart;
pub use mini_cart::MiniCart;
pub use order_status::OrderStatus;

/// Prepares the reactive system; the loader calls it once before any island.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
