//! How many units of a SKU are on hand, reserved and available.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Backorder, Location, Sku, StockPolicy};

/// The stock of one SKU: totals over all locations, and the level at each location.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Stock {
    /// The SKU.
    pub sku: Sku,
    /// Units on hand at all locations, including reserved ones.
    pub on_hand: u32,
    /// Units on hand that are reserved for orders.
    pub reserved: u32,
    /// Units that can be reserved now: `on_hand` minus `reserved`.
    pub available: u32,
    /// Whether units are counted. If false, any quantity can be bought.
    pub tracked: bool,
    /// Whether the SKU can be bought when no unit is available.
    pub backorder: Backorder,
    /// The level at each location, sorted by location.
    pub locations: Vec<InventoryLevel>,
}

impl Stock {
    /// Adds up the levels at all locations.
    #[must_use]
    pub fn new(sku: Sku, policy: StockPolicy, locations: Vec<InventoryLevel>) -> Self {
        let sum = |part: fn(&InventoryLevel) -> u32| locations.iter().map(part).sum();
        Self {
            sku,
            on_hand: sum(|level| level.on_hand),
            reserved: sum(|level| level.reserved),
            available: sum(|level| level.available),
            tracked: policy.tracked,
            backorder: policy.backorder,
            locations,
        }
    }
}

/// The stock of one SKU at one location.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InventoryLevel {
    /// The location.
    pub location: Location,
    /// Units on hand, including reserved ones.
    pub on_hand: u32,
    /// Units on hand that are reserved for orders.
    pub reserved: u32,
    /// Units that can be reserved now: `on_hand` minus `reserved`.
    pub available: u32,
}

impl InventoryLevel {
    /// Computes the available units.
    #[must_use]
    pub fn new(location: Location, on_hand: u32, reserved: u32) -> Self {
        Self {
            location,
            on_hand,
            reserved,
            available: on_hand.saturating_sub(reserved),
        }
    }
}
