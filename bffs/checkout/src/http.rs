//! Handlers: read the request, ask the services, shape the answer. One file a resource.

pub mod add_to_cart;
pub mod cart;
pub mod checkout;
pub mod lines;
pub mod live;
pub mod orders;
mod session;
mod values;
