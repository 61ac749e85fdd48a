//! Handlers: read the request, ask the store, answer. One file a resource.

pub mod availability;
pub mod differences;
pub mod movements;
pub mod reservations;
pub mod restocks;
pub mod stock;
