//! What the pages show, in the shape of the pages.

mod cart;
mod checkout;
mod order;
mod shop;

pub use cart::{Cart, CartPage};
pub use checkout::{Checkout, Quote};
pub use order::{Order, OrderOutcome, WaitingOrder};
pub use shop::Shop;
