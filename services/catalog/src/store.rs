//! Every statement that the database sees. One file a resource.

pub mod categories;
pub mod products;
pub mod variants;
