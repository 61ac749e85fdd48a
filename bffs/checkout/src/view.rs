//! What the pages show, in the shape of the pages.

mod cart;
mod checkout;
mod order;

pub use cart::Cart;
pub use checkout::{Checkout, Quote};
pub use order::Order;
