//! Handlers: read the request, ask the store, answer. One file a resource.

pub mod countries;
pub mod keys;
pub mod prices;
pub mod quotes;
pub mod shipping;
