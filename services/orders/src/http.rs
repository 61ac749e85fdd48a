//! HTTP handlers. One file per resource.

pub mod orders;
pub mod webhooks;
