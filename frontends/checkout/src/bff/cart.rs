//! What the cart page shows.

use money::Money;
use serde::Deserialize;

use super::Waiting;

/// A cart.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Cart {
    pub lines: Vec<Line>,
    pub subtotal: Option<Money>,
    /// What has just been taken out, where that was asked
    pub removed: Option<Removed>,
    /// An order from it that is not decided yet
    #[serde(default)]
    pub waiting_order: Option<Waiting>,
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
    /// What one cost when it was put in, where that is not what it costs now
    #[serde(default)]
    pub was: Option<Money>,
    pub total: Option<Money>,
    pub available: bool,
    pub left: Option<u32>,
    pub gone: bool,
}

/// What is no longer in it.
#[derive(Clone, Debug, Deserialize)]
pub struct Removed {
    pub sku: String,
    name: String,
    label: String,
}

/// What stands in the way of buying a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shortage {
    /// So many are left, fewer than wanted
    Only(u32),
    /// None is left
    SoldOut,
    /// The shop has stopped selling it
    Gone,
}

impl Shortage {
    /// That, for people.
    pub fn text(self) -> String {
        match self {
            Self::Only(left) => format!("Only {left} left"),
            Self::SoldOut => "Sold out".to_owned(),
            Self::Gone => "No longer sold".to_owned(),
        }
    }

    /// How many can be had.
    pub fn left(self) -> u32 {
        match self {
            Self::Only(left) => left,
            Self::SoldOut | Self::Gone => 0,
        }
    }
}

impl Cart {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether all of it can be bought, as far as anybody knows.
    pub fn is_ready(&self) -> bool {
        self.lines.iter().all(|line| line.available)
    }

    /// Whether there is something in it that is sold no longer.
    pub fn has_gone(&self) -> bool {
        self.lines.iter().any(|line| line.gone)
    }

    /// Whether nothing in it is sold any longer.
    pub fn is_all_gone(&self) -> bool {
        self.lines.iter().all(|line| line.gone)
    }

    /// How many things the sum is for, in words: what is sold no longer is not among them.
    pub fn count(&self) -> String {
        let sold = self.lines.iter().filter(|line| !line.gone);
        match sold.map(|line| line.quantity).sum::<u32>() {
            1 => "1 item".to_owned(),
            many => format!("{many} items"),
        }
    }
}

impl Line {
    /// What it is called on its own.
    pub fn title(&self) -> String {
        title(&self.name, &self.label)
    }

    /// What one cost when it was put in, and what it costs now, where these are two prices.
    pub fn repriced(&self) -> Option<(Money, Money)> {
        Some((self.was?, self.unit_price?))
    }

    /// What stands in the way of buying it.
    pub fn shortage(&self) -> Option<Shortage> {
        match (self.available, self.left) {
            (true, _) => None,
            (false, _) if self.gone => Some(Shortage::Gone),
            (false, Some(left @ 1..)) => Some(Shortage::Only(left)),
            (false, _) => Some(Shortage::SoldOut),
        }
    }
}

impl Removed {
    /// What it is called on its own.
    pub fn title(&self) -> String {
        title(&self.name, &self.label)
    }
}

fn title(name: &str, label: &str) -> String {
    match label {
        "" => name.to_owned(),
        label => format!("{name}, {label}"),
    }
}
