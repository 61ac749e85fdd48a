//! The state of an order as its page shows it.

use crate::bff::{Order, OrderOutcome, PaymentType};

/// The state of an order as its page shows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Confirmed and paid
    Accepted,
    /// Confirmed, to be paid by bank transfer
    PaymentDue,
    /// Being placed
    InProgress,
    /// Waiting for the shopper to pay on the provider's page
    AwaitingPayment,
    /// Waiting for the shopper to authenticate with their bank
    AwaitingBank,
    /// Not placed
    Rejected,
}

impl State {
    const ALL: [Self; 6] = [
        Self::Accepted,
        Self::PaymentDue,
        Self::InProgress,
        Self::AwaitingPayment,
        Self::AwaitingBank,
        Self::Rejected,
    ];

    pub fn of(order: &Order) -> Self {
        let is_paid_by = |payment_type| order.paid_by == Some(payment_type);
        match order.outcome {
            OrderOutcome::Accepted if is_paid_by(PaymentType::Invoice) && order.is_paid != Some(true) => {
                Self::PaymentDue
            }
            OrderOutcome::Accepted => Self::Accepted,
            OrderOutcome::InProgress if order.redirect_url.is_some() && is_paid_by(PaymentType::HostedPage) => {
                Self::AwaitingPayment
            }
            OrderOutcome::InProgress if order.redirect_url.is_some() => Self::AwaitingBank,
            OrderOutcome::InProgress => Self::InProgress,
            OrderOutcome::Rejected => Self::Rejected,
        }
    }

    /// Its name in `data-outcome`, which the island `OrderStatus` knows as well.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::PaymentDue => "payment_due",
            Self::InProgress => "in_progress",
            Self::AwaitingPayment => "awaiting_payment",
            Self::AwaitingBank => "awaiting_bank",
            Self::Rejected => "rejected",
        }
    }

    /// Whether the state can change while the page is open.
    pub fn may_change(self) -> bool {
        matches!(self, Self::InProgress | Self::AwaitingPayment | Self::AwaitingBank)
    }

    /// Whether the order is confirmed.
    pub fn is_confirmed(self) -> bool {
        matches!(self, Self::Accepted | Self::PaymentDue)
    }

    /// All states that the page may have to show: this one, and all others if it can change.
    pub fn possible(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |it| *it == self || self.may_change())
    }
}
