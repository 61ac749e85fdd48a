//! Every statement that the database sees. One file a resource.

pub mod orders;
pub mod tries;
pub mod webhooks;
