//! Stock, reservations and the ledger, and the rules they keep.

mod movement;
mod name;
mod plan;
mod policy;
mod request;
mod reservation;
mod restock;
mod stock;

pub use movement::{LedgerDifference, Movement, MovementKind, StockChange, Units};
pub use name::{Location, RestockReason, Shelf, Sku};
pub use plan::{AllocationPlan, Shortage, plan_allocations};
pub use policy::{Backorder, StockPolicy};
pub use request::{AwaitPayment, Bounded, CreateReservation, CreateRestock, HoldSeconds, LineItem, OnHand, Quantity};
pub use reservation::{Allocation, Reservation, ReservationStatus};
pub use restock::Restock;
pub use stock::{InventoryLevel, Stock};

#[cfg(test)]
mod tests;
