//! Every statement that the database sees. One file a resource.

pub mod payment_methods;
pub mod payments;
