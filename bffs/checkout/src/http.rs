//! Handlers, one file per resource: read the request, call the services, shape the answer.

pub mod add_to_cart;
pub mod cart;
pub mod checkout;
pub mod lines;
pub mod live;
pub mod orders;
mod session;
mod values;
