#![doc = include_str!("../README.md")]

pub mod domain;
mod error;
mod events;
mod http;
mod store;
mod sweep;

use std::time::Duration;

use ::events::Outbox;
use axum::extract::FromRef;
use service::{Api, Background, BoxError, Part};
use storage::{Batch, DatabaseUrl, Db, migrations};
use utoipa::OpenApi;
use utoipa_axum::routes;
use values::Clock;

use crate::http::{availability, differences, movements, reservations, restocks, stock};

/// Inventory's own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Database: sqlite:PATH or postgres://…
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/inventory.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
    /// Milliseconds between two sweeps of overdue reservations
    #[arg(long, env = "STOA_SWEEP_MS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..))]
    pub sweep_ms: u64,
    /// Percentage of a SKU's units on hand that one client's unpaid orders may hold; at least one unit
    #[arg(long, env = "STOA_UNPAID_SHARE_PERCENT", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub unpaid_share_percent: u32,
    /// How inventory's events are delivered
    #[command(flatten)]
    pub events: ::events::Settings,
}

/// The state that handlers share.
#[derive(Clone, Debug)]
pub struct App {
    clock: Clock,
    db: Db,
    batch: Batch,
    outbox: Outbox,
    unpaid_share_percent: u32,
    sweep: Option<[Background; 2]>,
}

impl App {
    /// Opens the database and uses this clock.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, BoxError> {
        let db = Db::open(config.database_url).await?;
        storage::migrate(
            &db,
            migrations![
                "0001_stock",
                "0002_locations",
                ::events::OUTBOX,
                "0003_clients",
                "0004_ages",
                "0005_policies",
                "0006_fingerprints"
            ],
        )
        .await?;
        let mut app = Self {
            clock,
            batch: Batch::new(db.clone()),
            outbox: Outbox::start(db.clone(), &config.events),
            db,
            unpaid_share_percent: config.unpaid_share_percent,
            sweep: None,
        };
        let interval = Duration::from_millis(config.sweep_ms);
        app.sweep = Some([sweep::start(app.clone(), interval), sweep::start_of_keys(app.clone())]);
        Ok(app)
    }
}

impl FromRef<App> for Outbox {
    fn from_ref(app: &App) -> Self {
        app.outbox.clone()
    }
}

impl Part for App {
    const NAME: &'static str = "inventory";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4103";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        Self::open(config, Clock::system()).await
    }

    fn router(self) -> axum::Router {
        router().into_router().with_state(self)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        Ok(self.db.ping().await?)
    }
}

/// All routes.
pub fn router() -> Api<App> {
    #[derive(OpenApi)]
    struct Info;

    Api::new(Info::openapi())
        .problems(error::Error::problems())
        .routes(routes!(stock::list))
        .routes(routes!(stock::get, stock::update, stock::remove))
        .routes(routes!(availability::list))
        .routes(routes!(reservations::create))
        .routes(routes!(reservations::get, reservations::remove))
        .routes(routes!(reservations::await_payment))
        .routes(routes!(reservations::commit))
        .routes(routes!(restocks::create))
        .routes(routes!(movements::list))
        .routes(routes!(differences::list))
        .merge(::events::outbox::routes())
}

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
