#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod http;
mod store;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use service::{Api, BoxError, Part};
use utoipa::OpenApi;
use utoipa_axum::routes;

use crate::http::{carts, lines, orders};
use crate::store::Store;

pub use crate::store::StoreUrl;

/// How often expired carts are swept from the store.
const SWEEP_EVERY: Duration = Duration::from_hours(1);

/// Cart's own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Where the carts are: redb:PATH, or redis://HOST:PORT/DATABASE
    #[arg(
        long,
        env = "STOA_STORE_URL",
        default_value = "redb:target/shop/data/cart.redb",
        hide_env_values = true
    )]
    pub store_url: StoreUrl,
}

/// Tells what time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What every handler works with.
#[derive(Clone)]
pub struct App {
    store: Store,
    clock: Clock,
}

impl App {
    /// Opens the store, with a clock of the caller's choice.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, BoxError> {
        let store = Store::open(config.store_url).await?;
        let app = Self { store, clock };
        app.sweep_regularly();
        Ok(app)
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// For as long as somebody else holds the store.
    fn sweep_regularly(&self) {
        let (store, clock) = (self.store.downgrade(), Arc::clone(&self.clock));
        tokio::spawn(async move {
            let mut times = tokio::time::interval(SWEEP_EVERY);
            loop {
                times.tick().await;
                let Some(store) = store.upgrade() else { return };
                match store.sweep(clock()).await {
                    Ok(0) => {}
                    Ok(swept) => tracing::info!(swept, "expired carts swept"),
                    Err(error) => tracing::warn!(%error, "expired carts cannot be swept"),
                }
            }
        });
    }
}

impl Part for App {
    const NAME: &'static str = "cart";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4104";
    type Config = Config;

    #[expect(
        clippy::disallowed_methods,
        reason = "the one clock, which is told to everything else"
    )]
    async fn start(config: Config) -> Result<Self, BoxError> {
        Self::open(config, Arc::new(|| Utc::now().trunc_subsecs(6))).await
    }

    fn router(self) -> axum::Router {
        router().into_router().with_state(self)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        Ok(self.store.ping().await?)
    }
}

/// Every route there is.
pub fn router() -> Api<App> {
    #[derive(OpenApi)]
    struct Info;

    Api::new(Info::openapi())
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
