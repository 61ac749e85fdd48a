//! What the page can say of an order.

use crate::bff::{Order, Outcome};

/// What the page says of an order: one of these at a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// It stands
    Accepted,
    /// It is being placed
    Underway,
    /// It is being placed, and the bank wants to hear from the shopper
    Asks,
    /// It came to nothing
    Refused,
}

impl State {
    const ALL: [Self; 4] = [Self::Accepted, Self::Underway, Self::Asks, Self::Refused];

    pub fn of(order: &Order) -> Self {
        match order.outcome {
            Outcome::Accepted => Self::Accepted,
            Outcome::Underway if order.action.is_some() => Self::Asks,
            Outcome::Underway => Self::Underway,
            Outcome::Refused => Self::Refused,
        }
    }

    /// What the island knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Underway => "underway",
            Self::Asks => "asks",
            Self::Refused => "refused",
        }
    }

    /// Whether the order goes on while its page is open.
    pub fn may_change(self) -> bool {
        matches!(self, Self::Underway | Self::Asks)
    }

    /// What may have to be said as long as the page is open: of an order at rest, nothing else.
    pub fn possible(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |it| *it == self || self.may_change())
    }
}
