//! From where an order gets its units.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Allocation, Line, Location, Policy, Shelf, Sku};

/// A line that asks for more than there is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Shortage {
    /// Which line, from 0
    pub line: usize,
    /// How many it could have
    pub left: u32,
}

/// For people: `Only 2 left.`
impl fmt::Display for Shortage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.left {
            0 => formatter.write_str("None left."),
            left => write!(formatter, "Only {left} left."),
        }
    }
}

/// From where an order gets its units, and which of them it waits for.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Units on shelves
    pub allocations: Vec<Allocation>,
    /// Units that are not there yet
    pub backordered: Vec<Line>,
}

/// Finds units for all lines on shelves with so many units free each, or says which lines are short. Of what is not
/// tracked no units are needed, and of what may be back-ordered those that are there.
///
/// Again and again it takes the location that has most of what is still wanted; of several the main one, else the first
/// by name. So one location serves the order if any has it all, and otherwise few do: seldom more than the fewest, which
/// is the set cover problem, and not to be had cheaply.
pub fn plan(
    lines: &[Line],
    free: &BTreeMap<Shelf, u32>,
    policies: &BTreeMap<Sku, Policy>,
) -> Result<Plan, Vec<Shortage>> {
    let policy = |line: &Line| policies.get(&line.sku).copied().unwrap_or_default();
    let mut left: BTreeMap<&Sku, u32> = BTreeMap::new();
    for (shelf, units) in free {
        *left.entry(&shelf.sku).or_default() += units;
    }
    let left = |line: &Line| left.get(&line.sku).copied().unwrap_or_default();
    let (mut shortages, mut there, mut backordered) = (Vec::new(), Vec::new(), Vec::new());
    for (index, line) in lines.iter().enumerate() {
        let (policy, left) = (policy(line), left(line));
        if !policy.tracked {
            continue;
        }
        let (now, later) = line.quantity.split(left);
        if policy.is_strict() && later.is_some() {
            shortages.push(Shortage { line: index, left });
        }
        let part = |quantity| Line {
            sku: line.sku.clone(),
            quantity,
        };
        there.extend(now.map(part));
        backordered.extend(later.map(part));
    }
    if shortages.is_empty() {
        Ok(Plan {
            allocations: allocate(&there, free),
            backordered,
        })
    } else {
        Err(shortages)
    }
}

/// Units for lines of which there are enough.
fn allocate(lines: &[Line], free: &BTreeMap<Shelf, u32>) -> Vec<Allocation> {
    let mut wanted: BTreeMap<&Sku, u32> = lines.iter().map(|line| (&line.sku, line.quantity.get())).collect();
    let mut free: BTreeMap<&Shelf, u32> = free.iter().map(|(shelf, units)| (shelf, *units)).collect();
    let mut allocations = Vec::new();
    while let Some(location) = best(&wanted, &free) {
        for (shelf, free) in free.iter_mut().filter(|(shelf, _)| shelf.location == *location) {
            let missing = wanted.entry(&shelf.sku).or_default();
            let quantity = *missing.min(free);
            *missing -= quantity;
            *free -= quantity;
            if quantity > 0 {
                allocations.push(Allocation::new(shelf, quantity));
            }
        }
    }
    allocations
}

/// The location that has most of what is wanted, if any has some.
fn best<'a>(wanted: &BTreeMap<&Sku, u32>, free: &BTreeMap<&'a Shelf, u32>) -> Option<&'a Location> {
    let mut offers: BTreeMap<&Location, u32> = BTreeMap::new();
    for (shelf, free) in free {
        if let Some(missing) = wanted.get(&shelf.sku) {
            *offers.entry(&shelf.location).or_default() += free.min(missing);
        }
    }
    offers
        .into_iter()
        .filter(|(_, units)| *units > 0)
        .max_by_key(|(location, units)| (*units, location.is_main(), Reverse(*location)))
        .map(|(location, _)| location)
}
