//! DOM events between frontends.

use island::{announce, document};

/// From the product frontend: the shopper has selected a variant.
pub const VARIANT_SELECTED: &str = "product:variant-selected";
/// From this frontend: an item is about to be added to the cart. A frontend that shows another variant announces it now.
pub const LINE_REQUESTED: &str = "checkout:line-requested";
/// From this frontend: the number of items in the cart has changed.
pub const CART_CHANGED: &str = "checkout:cart-changed";

/// Announces that the cart now holds `quantity` items.
pub fn announce_cart(quantity: u32) {
    if let Some(document) = document() {
        // Whether a listener cancels it does not matter.
        let _ = announce(&document, CART_CHANGED, &[("quantity", quantity.into())]);
    }
}
