//! What the cart page shows.

use money::Money;
use serde::Deserialize;

/// A cart.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Cart {
    pub lines: Vec<Line>,
    pub subtotal: Option<Money>,
}

/// A line of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    pub sku: String,
    pub slug: Option<String>,
    pub name: String,
    pub label: String,
    pub picture: Option<String>,
    pub quantity: u32,
    pub unit_price: Option<Money>,
    pub total: Option<Money>,
    pub available: bool,
    pub left: Option<u32>,
}

impl Cart {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl Line {
    /// What it is called on its own.
    pub fn title(&self) -> String {
        match &*self.label {
            "" => self.name.clone(),
            label => format!("{}, {label}", self.name),
        }
    }

    /// What stands in the way of buying it.
    pub fn shortage(&self) -> Option<String> {
        match (self.available, self.left) {
            (true, _) => None,
            (false, Some(left @ 1..)) => Some(format!("Only {left} left")),
            (false, _) => Some("Sold out".to_owned()),
        }
    }
}
