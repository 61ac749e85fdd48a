#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod http;
mod keyring;
mod signing;
mod store;

use chrono::TimeDelta;
use service::{Api, Background, BoxError, Part};
use storage::{DatabaseUrl, Db, migrations};
use utoipa::OpenApi;
use utoipa_axum::routes;
use values::Clock;

use crate::http::{countries, keys, prices, quotes, shipping};
use crate::keyring::Keyring;

/// Pricing's settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Database: sqlite:PATH or postgres://…
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/pricing.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
    /// Days after which a new key signs quotes
    #[arg(long, env = "STOA_KEY_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub key_days: u32,
}

/// Changes are visible within a second, and clients may use a stale response for five minutes if pricing fails.
const CACHE_CONTROL: &str = "public, max-age=1, stale-if-error=300";

/// State shared by all handlers.
#[derive(Clone, Debug)]
pub struct App {
    db: Db,
    keyring: Keyring,
    clock: Clock,
    _maintenance: Background,
}

impl App {
    /// Opens the database and starts to rotate keys, with this clock.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, BoxError> {
        let db = Db::open(config.database_url).await?;
        storage::migrate(&db, migrations!["0001_prices", "0002_signing_keys", "0003_compare_at"]).await?;
        let rotation_period = TimeDelta::days(config.key_days.into());
        let keyring = Keyring::open(db.clone(), rotation_period, clock.now()).await?;
        Ok(Self {
            db,
            _maintenance: keyring.maintain(clock.clone()),
            keyring,
            clock,
        })
    }
}

impl Part for App {
    const NAME: &'static str = "pricing";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4102";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        Self::open(config, Clock::system()).await
    }

    fn router(self) -> axum::Router {
        router()
            .into_router()
            .layer(service::cache_control(CACHE_CONTROL))
            .with_state(self)
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
        .routes(routes!(prices::list))
        .routes(routes!(prices::update, prices::remove))
        .routes(routes!(quotes::create))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::remove))
        .routes(routes!(countries::list))
        .routes(routes!(shipping::list))
}

/// The contract, published in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
