#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod http;
mod store;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use service::{Api, Background, BoxError, Part};
use utoipa::OpenApi;
use utoipa_axum::routes;

use crate::http::{carts, lines, orders};
use crate::store::{Failure, Store};

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
    _sweep: Background,
}

impl App {
    /// Opens the store, with a clock of the caller's choice.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, BoxError> {
        let store = Store::open(config.store_url).await?;
        Ok(Self {
            _sweep: sweep(&store, Arc::clone(&clock)),
            store,
            clock,
        })
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }
}

/// Sweeps at once and then every hour. Between two sweeps the store is its owner's alone to close.
fn sweep(store: &Store, clock: Clock) -> Background {
    let store = store.downgrade();
    Background::upkeep("sweep", SWEEP_EVERY, move || {
        let (store, now) = (store.upgrade(), clock());
        async move {
            let Some(store) = store else { return Ok(()) };
            match store.sweep(now).await? {
                0 => {}
                swept => tracing::info!(swept, "expired carts swept"),
            }
            Ok::<_, Failure>(())
        }
    })
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
