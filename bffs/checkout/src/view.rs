//! What the pages show, in the shape of the pages.

mod cart;
mod checkout;
mod order;
mod shop;

pub use cart::{Cart, Page as CartPage};
pub use checkout::{Checkout, Quote};
pub use order::{Order, Outcome, Waiting as WaitingOrder};
pub use shop::Shop;
