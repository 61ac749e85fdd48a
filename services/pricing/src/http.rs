//! Request handlers, one file for each resource.

pub mod countries;
pub mod keys;
pub mod prices;
pub mod quotes;
pub mod shipping;
