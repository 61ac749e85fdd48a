//! Handlers: ask the services, shape the answer. One file a resource.

pub mod live;
pub mod products;
