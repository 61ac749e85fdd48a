//! All SQL of orders. One file per resource.

pub mod failed_payments;
pub mod orders;
pub mod webhooks;
