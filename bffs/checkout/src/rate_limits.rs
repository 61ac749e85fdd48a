//! Limits on what one client may do within ten minutes.

use std::net::IpAddr;
use std::time::Duration;

use service::{CallError, RateLimiter};

/// Settings of the rate limits.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct RateLimitSettings {
    /// New carts per client within ten minutes
    #[arg(long, env = "STOA_CARTS_PER_CLIENT", default_value_t = 1200)]
    pub carts_per_client: u32,
    /// Quotes per client within ten minutes
    #[arg(long, env = "STOA_QUOTES_PER_CLIENT", default_value_t = 6000)]
    pub quotes_per_client: u32,
    /// Declined cards per client within ten minutes, after which no further card is tried
    #[arg(long, env = "STOA_REFUSED_CARDS_PER_CLIENT", default_value_t = 60)]
    pub refused_cards_per_client: u32,
}

const WINDOW: Duration = Duration::from_mins(10);

/// The rate limits. Each process counts for itself; limits that must hold across processes are counted in orders' database.
#[derive(Clone, Debug)]
pub struct RateLimits {
    /// New carts
    pub carts: RateLimiter<IpAddr>,
    /// Quotes
    pub quotes: RateLimiter<IpAddr>,
    /// Declined cards
    pub declined_cards: RateLimiter<IpAddr>,
}

impl RateLimits {
    /// Limits with these settings.
    pub fn new(settings: RateLimitSettings) -> Self {
        Self {
            carts: RateLimiter::new("carts", settings.carts_per_client, WINDOW),
            quotes: RateLimiter::new("quotes", settings.quotes_per_client, WINDOW),
            declined_cards: RateLimiter::new("refused-cards", settings.refused_cards_per_client, WINDOW),
        }
    }

    /// Counts a card that was declined or whose number is invalid, if that is what the error says.
    pub fn count_declined_card(&self, error: CallError) -> CallError {
        let is_declined_card = error.refusal().is_some_and(|problem| {
            let names_card = problem.errors.iter().any(|field| field.pointer == "#/card/number");
            problem.is("card-declined") || names_card
        });
        if is_declined_card {
            self.declined_cards.count_client();
        }
        error
    }
}
