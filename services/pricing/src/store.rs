//! All SQL statements, one file for each resource.

pub mod keys;
pub mod prices;
