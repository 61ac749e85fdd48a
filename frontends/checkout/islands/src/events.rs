//! Events of the whole document: how frontends hear each other.

use island::{announce, document};

/// Another frontend's word for "the shopper chose this variant".
pub const VARIANT_SELECTED: &str = "product:variant-selected";
/// This frontend's word for "this is about to be put into the cart": who shows another variant says so now.
pub const LINE_REQUESTED: &str = "checkout:line-requested";
/// This frontend's word for "the cart holds this many items now".
pub const CART_CHANGED: &str = "checkout:cart-changed";

/// Tells the document that the cart now holds `quantity` items.
pub fn announce_cart(quantity: u32) {
    if let Some(document) = document() {
        // Nobody has to take it over.
        let _ = announce(&document, CART_CHANGED, &[("quantity", quantity.into())]);
    }
}
