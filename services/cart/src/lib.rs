#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod http;
mod store;

use std::time::Duration;

use chrono::{DateTime, Utc};
use service::{Api, Background, BoxError, Part};
use utoipa::OpenApi;
use utoipa_axum::routes;
use values::Clock;

use crate::http::{carts, lines, orders};
use crate::store::{Store, StoreError};

pub use crate::store::StoreUrl;

/// How often expired carts are deleted from the store.
const SWEEP_INTERVAL: Duration = Duration::from_hours(1);

/// Cart's own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Store: redb:PATH, or redis://HOST:PORT/DATABASE
    #[arg(
        long,
        env = "STOA_STORE_URL",
        default_value = "redb:target/shop/data/cart.redb",
        hide_env_values = true
    )]
    pub store_url: StoreUrl,
}

/// The state that handlers share.
#[derive(Clone)]
pub struct App {
    store: Store,
    clock: Clock,
    _sweep: Background,
}

impl App {
    /// Opens the store and uses this clock.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, BoxError> {
        let store = Store::open(config.store_url).await?;
        Ok(Self {
            _sweep: sweep(&store, clock.clone()),
            store,
            clock,
        })
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// Sweeps at once and then every hour. It does not keep the store open between two sweeps.
fn sweep(store: &Store, clock: Clock) -> Background {
    let store = store.downgrade();
    Background::now_and_every("sweep", SWEEP_INTERVAL, move || {
        let (store, now) = (store.upgrade(), clock.now());
        async move {
            let Some(store) = store else { return Ok(()) };
            match store.sweep(now).await? {
                0 => {}
                swept => tracing::info!(swept, "expired carts swept"),
            }
            Ok::<_, StoreError>(())
        }
    })
}

impl Part for App {
    const NAME: &'static str = "cart";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4104";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        Self::open(config, Clock::system()).await
    }

    fn router(self) -> axum::Router {
        router().into_router().with_state(self)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        Ok(self.store.ping().await?)
    }
}

/// All routes.
pub fn router() -> Api<App> {
    #[derive(OpenApi)]
    struct Info;

    Api::new(Info::openapi())
        .problems(error::Error::problems())
        .routes(routes!(carts::create))
        .routes(routes!(carts::get))
        .routes(routes!(carts::merge))
        .routes(routes!(lines::create, lines::clear))
        .routes(routes!(lines::update, lines::remove))
        .routes(routes!(orders::update))
}

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
