//! Handlers: read the request, ask the store and the provider, answer. One file a resource.

pub mod payment_methods;
pub mod payments;
