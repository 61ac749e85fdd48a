//! Handlers: read the request, ask the store, answer. One file a resource.

pub mod categories;
pub mod products;
pub mod variants;
