//! The cart.

use money::Money;
use serde::Deserialize;

use super::WaitingOrder;

/// A cart.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Cart {
    pub lines: Vec<CartLine>,
    pub subtotal: Option<Money>,
    /// The item that was just removed, if it was asked for
    pub removed: Option<RemovedItem>,
    /// An order from this cart that is still in progress
    #[serde(default)]
    pub waiting_order: Option<WaitingOrder>,
}

/// A line of a cart.
#[derive(Clone, Debug, Deserialize)]
pub struct CartLine {
    pub sku: String,
    pub slug: Option<String>,
    pub name: String,
    pub label: String,
    pub picture: Option<String>,
    pub quantity: u32,
    pub unit_price: Option<Money>,
    /// Unit price at the time the line was added, if it has changed since
    #[serde(default)]
    pub previous_price: Option<Money>,
    pub total: Option<Money>,
    pub available: bool,
    /// How many can still be bought, if that is less than `quantity`
    pub remaining: Option<u32>,
    pub discontinued: bool,
}

/// An item that was removed from the cart.
#[derive(Clone, Debug, Deserialize)]
pub struct RemovedItem {
    pub sku: String,
    name: String,
    label: String,
}

/// Why a line cannot be bought in its quantity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shortage {
    /// Fewer are in stock than the shopper wants
    Only(u32),
    /// Out of stock
    SoldOut,
    /// The shop no longer sells it
    Discontinued,
}

impl Shortage {
    /// The text for the shopper.
    pub fn text(self) -> String {
        match self {
            Self::Only(remaining) => format!("Only {remaining} left"),
            Self::SoldOut => "Sold out".to_owned(),
            Self::Discontinued => "No longer available".to_owned(),
        }
    }

    /// How many can still be bought.
    pub fn remaining(self) -> u32 {
        match self {
            Self::Only(remaining) => remaining,
            Self::SoldOut | Self::Discontinued => 0,
        }
    }
}

impl Cart {
    /// Whether it has no lines.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether all lines are available, as far as is known.
    pub fn is_available(&self) -> bool {
        self.lines.iter().all(|line| line.available)
    }

    /// Whether a line is discontinued.
    pub fn has_discontinued(&self) -> bool {
        self.lines.iter().any(|line| line.discontinued)
    }

    /// Whether all lines are discontinued.
    pub fn is_all_discontinued(&self) -> bool {
        self.lines.iter().all(|line| line.discontinued)
    }

    /// The number of items in the subtotal, in words. Discontinued items do not count.
    pub fn item_count(&self) -> String {
        let sold = self.lines.iter().filter(|line| !line.discontinued);
        match sold.map(|line| line.quantity).sum::<u32>() {
            1 => "1 item".to_owned(),
            many => format!("{many} items"),
        }
    }
}

impl CartLine {
    /// Name and label.
    pub fn title(&self) -> String {
        title(&self.name, &self.label)
    }

    /// The previous and the current unit price, if they differ.
    pub fn price_change(&self) -> Option<(Money, Money)> {
        Some((self.previous_price?, self.unit_price?))
    }

    /// Why the line cannot be bought in its quantity, if it cannot.
    pub fn shortage(&self) -> Option<Shortage> {
        match (self.available, self.remaining) {
            (true, _) => None,
            (false, _) if self.discontinued => Some(Shortage::Discontinued),
            (false, Some(remaining @ 1..)) => Some(Shortage::Only(remaining)),
            (false, _) => Some(Shortage::SoldOut),
        }
    }
}

impl RemovedItem {
    /// Name and label.
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
