//! What is in a cart.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Quantity, Sku, UnitPrice, Violation, Wanted};

/// Lines of one cart, at most.
const LINES: usize = 50;

/// So many of a thing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Line {
    /// The thing
    pub sku: Sku,
    /// How many
    pub quantity: Quantity,
    /// What one cost when it was first put in, if that was said
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<UnitPrice>,
}

/// So many of a thing that an order has bought.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, ToSchema)]
pub struct Bought {
    /// The thing
    pub sku: Sku,
    /// How many
    pub quantity: Quantity,
}

/// What is in a cart, in the order it was put there.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(transparent)]
pub struct Lines(Vec<Line>);

impl Lines {
    /// Puts more of a thing in. The price at which it was first put in stays: whoever has seen that one is to be
    /// told of every other.
    pub fn add(&mut self, line: Line) -> Result<(), Violation> {
        let Some(there) = self.line(&line.sku) else {
            return self.push(line);
        };
        let sum = there.quantity.plus(line.quantity);
        there.quantity = sum.ok_or(Violation::TooMany(there.quantity.get()))?;
        there.unit_price = there.unit_price.or(line.unit_price);
        Ok(())
    }

    /// Sees to it that there are so many of a thing.
    pub fn set(&mut self, sku: Sku, wanted: Wanted) -> Result<(), Violation> {
        let Wanted(Some(quantity)) = wanted else {
            self.0.retain(|line| line.sku != sku);
            return Ok(());
        };
        match self.line(&sku) {
            Some(there) => there.quantity = quantity,
            None => self.push(Line {
                sku,
                quantity,
                unit_price: None,
            })?,
        }
        Ok(())
    }

    /// Puts all of another cart in, each thing up to what there may be of one.
    pub fn merge(&mut self, from: Self) -> Result<(), Violation> {
        for line in from.0 {
            match self.line(&line.sku) {
                Some(there) => {
                    there.quantity = there.quantity.plus_or_most(line.quantity);
                    there.unit_price = there.unit_price.or(line.unit_price);
                }
                None => self.push(line).map_err(|_| Violation::FullTogether)?,
            }
        }
        Ok(())
    }

    /// Takes out what was bought of a thing. What is there beyond that was put in since, and stays.
    pub fn take(&mut self, bought: &Bought) {
        let Some(there) = self.line(&bought.sku) else { return };
        match there.quantity.minus(bought.quantity) {
            Some(left) => there.quantity = left,
            None => self.0.retain(|line| line.sku != bought.sku),
        }
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many things there are, all taken together.
    #[must_use]
    pub fn quantity(&self) -> u32 {
        self.0.iter().map(|line| line.quantity.get()).sum()
    }

    fn push(&mut self, line: Line) -> Result<(), Violation> {
        if self.0.len() == LINES {
            return Err(Violation::Full);
        }
        self.0.push(line);
        Ok(())
    }

    fn line(&mut self, sku: &Sku) -> Option<&mut Line> {
        self.0.iter_mut().find(|line| line.sku == *sku)
    }
}
