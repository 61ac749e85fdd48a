//! All SQL statements, with one file for each resource.

pub mod movements;
pub mod payment_methods;
pub mod payments;
pub mod secrets;
pub mod webhooks;
