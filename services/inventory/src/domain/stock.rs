//! How many there are.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Backorder, Location, Policy, Sku};

/// How many there are of one SKU, at all locations together.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Stock {
    /// Of what
    pub sku: Sku,
    /// Units on the shelves
    pub on_hand: u32,
    /// Those of them that are held for orders
    pub reserved: u32,
    /// Those that are for everybody
    pub available: u32,
    /// Whether units are counted; what is not can always be bought
    pub tracked: bool,
    /// Whether it may be bought when none is left
    pub backorder: Backorder,
    /// Where they are
    pub locations: Vec<AtLocation>,
}

impl Stock {
    /// The sum of what is at all locations.
    #[must_use]
    pub fn new(sku: Sku, policy: Policy, locations: Vec<AtLocation>) -> Self {
        let sum = |part: fn(&AtLocation) -> u32| locations.iter().map(part).sum();
        Self {
            sku,
            on_hand: sum(|at| at.on_hand),
            reserved: sum(|at| at.reserved),
            available: sum(|at| at.available),
            tracked: policy.tracked,
            backorder: policy.backorder,
            locations,
        }
    }
}

/// How many there are of one SKU at one location.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AtLocation {
    /// Where
    pub location: Location,
    /// Units on the shelf
    pub on_hand: u32,
    /// Those of them that are held for orders
    pub reserved: u32,
    /// Those that are for everybody
    pub available: u32,
}

impl AtLocation {
    /// Stock as counted.
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
