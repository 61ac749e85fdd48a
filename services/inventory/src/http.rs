//! Handlers, one file per resource.

pub mod availability;
pub mod differences;
pub mod movements;
pub mod reservations;
pub mod restocks;
pub mod stock;
