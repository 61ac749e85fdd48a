//! Handlers, one file per resource.

pub mod live;
pub mod products;
