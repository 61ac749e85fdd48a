//! What the page can say of an order.

use crate::bff::{Order, Outcome, PaymentType};

/// What the page says of an order: one of these at a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// It stands, and it is paid
    Accepted,
    /// It stands, and its shopper pays later
    Owed,
    /// It is being placed
    Underway,
    /// It is being placed, and the shopper has to pay on another page
    Pays,
    /// It is being placed, and the bank wants to hear from the shopper
    Asks,
    /// It came to nothing
    Refused,
}

impl State {
    const ALL: [Self; 6] = [
        Self::Accepted,
        Self::Owed,
        Self::Underway,
        Self::Pays,
        Self::Asks,
        Self::Refused,
    ];

    pub fn of(order: &Order) -> Self {
        let is_paid_by = |way| order.paid_by == Some(way);
        match order.outcome {
            Outcome::Accepted if is_paid_by(PaymentType::Invoice) && order.is_paid != Some(true) => Self::Owed,
            Outcome::Accepted => Self::Accepted,
            Outcome::Underway if order.action.is_some() && is_paid_by(PaymentType::HostedPage) => Self::Pays,
            Outcome::Underway if order.action.is_some() => Self::Asks,
            Outcome::Underway => Self::Underway,
            Outcome::Refused => Self::Refused,
        }
    }

    /// What the island knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Owed => "owed",
            Self::Pays => "pays",
            Self::Underway => "underway",
            Self::Asks => "asks",
            Self::Refused => "refused",
        }
    }

    /// Whether the order goes on while its page is open.
    pub fn may_change(self) -> bool {
        matches!(self, Self::Underway | Self::Pays | Self::Asks)
    }

    /// Whether the order stands.
    pub fn stands(self) -> bool {
        matches!(self, Self::Accepted | Self::Owed)
    }

    /// What may have to be said as long as the page is open: of an order at rest, nothing else.
    pub fn possible(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |it| *it == self || self.may_change())
    }
}
