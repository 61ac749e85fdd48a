//! Stock, reservations and the ledger, and the rules they keep.

mod movement;
mod name;
mod plan;
mod policy;
mod request;
mod reservation;
mod stock;

pub use movement::{Change, Difference, Kind, Movement, Units};
pub use name::{Location, Malformed, Reason, Shelf, Sku};
pub use plan::{Plan, Shortage, plan};
pub use policy::{Backorder, Policy};
pub use request::{Line, OnHand, Quantity, Request, Return, Seconds, Violation, Wait, Within};
pub use reservation::{Allocation, Reservation, Restock, Status};
pub use stock::{AtLocation, Stock};

#[cfg(test)]
mod tests;
