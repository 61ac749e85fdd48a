//! Limits on what a shopper can do before anything is paid.

use std::time::Duration;

/// How often cards were declined recently.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeclinedCards {
    /// For one quote
    pub quote: i64,
    /// For one cart
    pub cart: i64,
    /// For one client
    pub client: i64,
}

/// How many orders await payment, or have expired unpaid recently.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnpaidOrders {
    /// Of one client
    pub client: i64,
    /// Of one card
    pub card: i64,
}

/// The limits, as configured.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Declined cards within an hour, per cart and per quote
    pub declined_per_cart: u32,
    /// Declined cards within an hour, per client
    pub declined_per_client: u32,
    /// Unpaid orders within an hour, per client, whose units are held
    pub unpaid_per_client: u32,
    /// Unpaid orders within an hour, per card, whose units are held
    pub unpaid_per_card: u32,
    /// How long units are held while the shopper's bank asks for confirmation
    pub bank_hold: Duration,
    /// How long a shopper has to pay on a provider's page. Units are held a little longer.
    pub page_time: Duration,
}

impl Limits {
    /// Whether no further card may be tried.
    #[must_use]
    pub fn are_reached(&self, declined: DeclinedCards) -> bool {
        declined.quote.max(declined.cart) >= self.declined_per_cart.into()
            || declined.client >= self.declined_per_client.into()
    }

    /// Whether units may be held for one more order that awaits payment.
    #[must_use]
    pub fn allow(&self, unpaid: UnpaidOrders) -> bool {
        unpaid.client < self.unpaid_per_client.into() && unpaid.card < self.unpaid_per_card.into()
    }
}
