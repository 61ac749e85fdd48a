//! Handlers: read the request, ask the store, answer. One file a resource.

pub mod reservations;
pub mod stock;
