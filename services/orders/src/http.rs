//! Handlers: read the request, ask the saga or the store, answer. One file a resource.

pub mod orders;
pub mod webhooks;
