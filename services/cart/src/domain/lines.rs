//! The lines of a cart.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NewQuantity, Quantity, Rejection, Sku, UnitPrice};

/// The most lines in a cart.
const MAX_LINES: usize = 50;

/// A line of a cart.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct CartLine {
    /// The SKU. A cart has at most one line for each SKU.
    pub sku: Sku,
    /// The number of units, 1 to 99.
    pub quantity: Quantity,
    /// The price of one unit when the SKU was first added. Left out if the caller did not give it. It is never charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<UnitPrice>,
}

/// A line of an order.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, ToSchema)]
pub struct OrderedLine {
    /// The SKU.
    pub sku: Sku,
    /// The number of units that were ordered, 1 to 99.
    pub quantity: Quantity,
}

/// The lines of a cart, in the order in which they were added.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(transparent)]
pub struct CartLines(Vec<CartLine>);

impl CartLines {
    /// Adds units. An existing line keeps its price, so that a price change since then can be shown.
    pub fn add(&mut self, line: CartLine) -> Result<(), Rejection> {
        let Some(existing) = self.line(&line.sku) else {
            return self.push(line);
        };
        let sum = existing.quantity.checked_add(line.quantity);
        existing.quantity = sum.ok_or(Rejection::TooManyUnits(existing.quantity.get()))?;
        existing.unit_price = existing.unit_price.or(line.unit_price);
        Ok(())
    }

    /// Sets the quantity of a SKU, and adds or removes its line as needed.
    pub fn set(&mut self, sku: Sku, quantity: NewQuantity) -> Result<(), Rejection> {
        let NewQuantity(Some(quantity)) = quantity else {
            self.0.retain(|line| line.sku != sku);
            return Ok(());
        };
        match self.line(&sku) {
            Some(existing) => existing.quantity = quantity,
            None => self.push(CartLine {
                sku,
                quantity,
                unit_price: None,
            })?,
        }
        Ok(())
    }

    /// Adds all lines of another cart. Quantities add up, to 99 at most.
    pub fn merge(&mut self, from: Self) -> Result<(), Rejection> {
        for line in from.0 {
            match self.line(&line.sku) {
                Some(existing) => {
                    existing.quantity = existing.quantity.saturating_add(line.quantity);
                    existing.unit_price = existing.unit_price.or(line.unit_price);
                }
                None => self.push(line).map_err(|_| Rejection::TooManyLinesMerged)?,
            }
        }
        Ok(())
    }

    /// Removes ordered units. Units beyond the order were added since, and stay.
    pub fn remove_ordered(&mut self, ordered: &OrderedLine) {
        let Some(existing) = self.line(&ordered.sku) else {
            return;
        };
        match existing.quantity.checked_sub(ordered.quantity) {
            Some(rest) => existing.quantity = rest,
            None => self.0.retain(|line| line.sku != ordered.sku),
        }
    }

    /// Removes all lines.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of units in all lines.
    #[must_use]
    pub fn quantity(&self) -> u32 {
        self.0.iter().map(|line| line.quantity.get()).sum()
    }

    fn push(&mut self, line: CartLine) -> Result<(), Rejection> {
        if self.0.len() == MAX_LINES {
            return Err(Rejection::TooManyLines);
        }
        self.0.push(line);
        Ok(())
    }

    fn line(&mut self, sku: &Sku) -> Option<&mut CartLine> {
        self.0.iter_mut().find(|line| line.sku == *sku)
    }
}
