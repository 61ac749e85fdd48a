//! What is given before anything is paid, and how often a card may be tried.

use std::time::Duration;

/// So often were cards declined lately.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tried {
    /// For one quote
    pub quote: i64,
    /// For one cart
    pub cart: i64,
    /// By one client
    pub client: i64,
}

/// So many orders wait for a bank, or have done so in vain lately.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unpaid {
    /// Of one client
    pub client: i64,
    /// By one card
    pub card: i64,
}

/// What one shopper may do before anything is paid.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Declined cards within an hour, of a cart and for a quote
    pub declined_per_cart: u32,
    /// Declined cards within an hour, by a client
    pub declined_per_client: u32,
    /// Orders of a client that wait for a bank, or have done so in vain within an hour, whose units are held meanwhile
    pub unpaid_per_client: u32,
    /// The same of a card, whoever types it
    pub unpaid_per_card: u32,
    /// How long units are held while a bank asks
    pub bank_hold: Duration,
    /// How long a shopper has to pay on a provider's page; units are held as long, and a little longer
    pub page_time: Duration,
}

impl Limits {
    /// Whether one more card is one too many.
    #[must_use]
    pub fn are_reached(&self, tried: Tried) -> bool {
        tried.quote.max(tried.cart) >= self.declined_per_cart.into() || tried.client >= self.declined_per_client.into()
    }

    /// Whether units are held for one more order that waits for a bank.
    #[must_use]
    pub fn allow(&self, unpaid: Unpaid) -> bool {
        unpaid.client < self.unpaid_per_client.into() && unpaid.card < self.unpaid_per_card.into()
    }
}
