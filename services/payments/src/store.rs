//! Every statement that the database sees. One file a resource.

pub mod movements;
pub mod payment_methods;
pub mod payments;
pub mod secrets;
pub mod webhooks;
