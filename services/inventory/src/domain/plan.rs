//! Which locations an order's units come from.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Allocation, LineItem, Location, Shelf, Sku, StockPolicy};

/// A line that asks for more units than there are. It is stored as the answer to an idempotency key.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Shortage {
    /// The index of the line, from 0
    pub line: usize,
    /// The units that it could have
    #[serde(alias = "left")]
    pub remaining: u32,
}

/// For people: `Only 2 left.`
impl fmt::Display for Shortage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.remaining {
            0 => formatter.write_str("None left."),
            remaining => write!(formatter, "Only {remaining} left."),
        }
    }
}

/// Which locations an order's units come from, and which units are backordered.
#[derive(Clone, Debug, Default)]
pub struct AllocationPlan {
    /// Units that are available
    pub allocations: Vec<Allocation>,
    /// Units that are sent later
    pub backordered: Vec<LineItem>,
}

/// Allocates available units to all lines, or says which lines are short. Untracked SKUs need no units; of a SKU that
/// can be backordered, the available units are allocated and the rest is backordered.
///
/// It repeatedly takes the location that has the most units still needed; among equals the main one, else the first by
/// name. So one location serves the order if any has all of it, and otherwise few locations do. The fewest possible
/// would be the set cover problem, which has no cheap solution; the result is seldom worse.
pub fn plan_allocations(
    lines: &[LineItem],
    available: &BTreeMap<Shelf, u32>,
    policies: &BTreeMap<Sku, StockPolicy>,
) -> Result<AllocationPlan, Vec<Shortage>> {
    let mut totals: BTreeMap<&Sku, u32> = BTreeMap::new();
    for (shelf, units) in available {
        *totals.entry(&shelf.sku).or_default() += units;
    }
    let (mut shortages, mut in_stock, mut backordered) = (Vec::new(), Vec::new(), Vec::new());
    for (index, line) in lines.iter().enumerate() {
        let policy = policies.get(&line.sku).copied().unwrap_or_default();
        let remaining = totals.get(&line.sku).copied().unwrap_or_default();
        if !policy.tracked {
            continue;
        }
        let (now, later) = line.quantity.split(remaining);
        if policy.is_limited_to_stock() && later.is_some() {
            shortages.push(Shortage { line: index, remaining });
        }
        let part = |quantity| LineItem {
            sku: line.sku.clone(),
            quantity,
        };
        in_stock.extend(now.map(part));
        backordered.extend(later.map(part));
    }
    if shortages.is_empty() {
        Ok(AllocationPlan {
            allocations: allocate(&in_stock, available),
            backordered,
        })
    } else {
        Err(shortages)
    }
}

/// Allocates units to lines that are known to be in stock.
fn allocate(lines: &[LineItem], available: &BTreeMap<Shelf, u32>) -> Vec<Allocation> {
    let mut needed: BTreeMap<&Sku, u32> = lines.iter().map(|line| (&line.sku, line.quantity.get())).collect();
    let mut available: BTreeMap<&Shelf, u32> = available.iter().map(|(shelf, units)| (shelf, *units)).collect();
    let mut allocations = Vec::new();
    while let Some(location) = best_location(&needed, &available) {
        for (shelf, units) in available.iter_mut().filter(|(shelf, _)| shelf.location == *location) {
            let missing = needed.entry(&shelf.sku).or_default();
            let quantity = *missing.min(units);
            *missing -= quantity;
            *units -= quantity;
            if quantity > 0 {
                allocations.push(Allocation::new(shelf, quantity));
            }
        }
    }
    allocations
}

/// The location that has the most of the needed units, if any has some.
fn best_location<'a>(needed: &BTreeMap<&Sku, u32>, available: &BTreeMap<&'a Shelf, u32>) -> Option<&'a Location> {
    let mut matches: BTreeMap<&Location, u32> = BTreeMap::new();
    for (shelf, units) in available {
        if let Some(missing) = needed.get(&shelf.sku) {
            *matches.entry(&shelf.location).or_default() += units.min(missing);
        }
    }
    matches
        .into_iter()
        .filter(|(_, units)| *units > 0)
        .max_by_key(|(location, units)| (*units, location.is_main(), Reverse(*location)))
        .map(|(location, _)| location)
}
