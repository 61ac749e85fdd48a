//! How often one client may do what costs others something.

use std::net::IpAddr;
use std::time::Duration;

use service::{CallError, Rate};

/// Settings of the rates.
#[derive(clap::Args, Clone, Copy, Debug)]
#[group(id = "RateSettings")]
pub struct Settings {
    /// New carts of one client within ten minutes
    #[arg(long, env = "STOA_CARTS_PER_CLIENT", default_value_t = 1200)]
    pub carts_per_client: u32,
    /// Quotes for one client within ten minutes
    #[arg(long, env = "STOA_QUOTES_PER_CLIENT", default_value_t = 6000)]
    pub quotes_per_client: u32,
    /// Cards of one client that are refused within ten minutes, before no further one is tried
    #[arg(long, env = "STOA_REFUSED_CARDS_PER_CLIENT", default_value_t = 60)]
    pub refused_cards_per_client: u32,
}

const TIME: Duration = Duration::from_mins(10);

/// The rates. Each process counts for itself; what must not be forgotten, orders counts in its database.
#[derive(Clone, Debug)]
pub struct Rates {
    /// New carts
    pub carts: Rate<IpAddr>,
    /// Quotes
    pub quotes: Rate<IpAddr>,
    /// Cards that were refused
    pub cards: Rate<IpAddr>,
}

impl Rates {
    /// As the settings say.
    pub fn new(settings: Settings) -> Self {
        Self {
            carts: Rate::new("carts", settings.carts_per_client, TIME),
            quotes: Rate::new("quotes", settings.quotes_per_client, TIME),
            cards: Rate::new("refused-cards", settings.refused_cards_per_client, TIME),
        }
    }

    /// Counts a card that was refused, if this says so.
    pub fn note(&self, error: CallError) -> CallError {
        let is_of_card = error.refusal().is_some_and(|problem| {
            let names_card = problem.errors.iter().any(|field| field.pointer == "#/number");
            problem.is("card-declined") || names_card
        });
        if is_of_card {
            self.cards.count_client();
        }
        error
    }
}
