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

use crate::http::{countries, keys, prices, quotes, shipping};
use crate::keyring::Keyring;

/// Pricing's own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Where the data is: sqlite:PATH or postgres://…
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/pricing.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
    /// Days after which quotes are signed with a new key
    #[arg(long, env = "STOA_KEY_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub key_days: u32,
}

/// A change shows within a second, and what we said last outlives us by five minutes.
const CACHE_CONTROL: &str = "public, max-age=1, stale-if-error=300";

/// What every handler works with.
#[derive(Clone, Debug)]
pub struct App {
    db: Db,
    keyring: Keyring,
    _keeping: Background,
}

impl Part for App {
    const NAME: &'static str = "pricing";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4102";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let db = Db::open(config.database_url).await?;
        storage::migrate(&db, migrations!["0001_prices", "0002_signing_keys", "0003_compare_at"]).await?;
        let keyring = Keyring::open(db.clone(), TimeDelta::days(config.key_days.into())).await?;
        Ok(Self {
            db,
            _keeping: keyring.keep(),
            keyring,
        })
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

/// Every route there is.
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

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
