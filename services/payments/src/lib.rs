#![doc = include_str!("../README.md")]

mod desk;
pub mod domain;
mod error;
mod events;
mod http;
pub mod provider;
mod store;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use ::events::{Outbox, outbox};
use axum::extract::FromRef;
use service::{Api, Background, BoxError, Part};
use storage::{Batch, DatabaseUrl, Db, migrations};
use utoipa::OpenApi;
use utoipa_axum::routes;

pub use crate::desk::Timing;

use crate::desk::Desk;
use crate::http::{movements, payment_methods, payments, refunds, test_bank, webhooks};
use crate::provider::Provider;

/// Payments' own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Where the data is: sqlite:<path> or postgres://…
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/payments.db"
    )]
    pub database_url: DatabaseUrl,
    /// Who moves the money
    #[command(flatten)]
    pub provider: provider::Settings,
    /// Milliseconds that asking the provider for one thing may take, all calls together; then it is looked up
    #[arg(long, env = "STOA_PROVIDER_TIMEOUT_MS", default_value_t = 12_000)]
    pub provider_timeout_ms: u64,
    /// Milliseconds between two looks for what is pending; the pause before the next try of one such movement begins
    /// there, and doubles
    #[arg(long, env = "STOA_WORKER_MS", default_value_t = 500)]
    pub worker_ms: u64,
    /// How payments' events travel
    #[command(flatten)]
    pub events: ::events::Settings,
}

/// What every handler works with.
#[derive(Clone, Debug)]
pub struct App {
    desk: Desk,
    outbox: Outbox,
    _worker: Background,
    _postman: Option<Background>,
}

impl FromRef<App> for Outbox {
    fn from_ref(app: &App) -> Self {
        app.outbox.clone()
    }
}

impl App {
    /// Opens the store, and works with a provider and a timing of the caller's.
    pub async fn new(
        database_url: DatabaseUrl,
        provider: Arc<dyn Provider>,
        timing: Timing,
        events: &::events::Settings,
    ) -> Result<Self, BoxError> {
        let db = Db::open(database_url).await?;
        let migrations = migrations!["0001_payments", "0002_movements", "0003_webhooks", ::events::OUTBOX];
        storage::migrate(&db, migrations).await?;
        let outbox = Outbox::start(db.clone(), events);
        let batch = Batch::new(db.clone());
        let desk = Desk {
            db,
            batch,
            provider,
            timing,
        };
        let deliveries = desk.provider.deliveries();
        Ok(Self {
            _worker: worker::start(desk.clone()),
            _postman: deliveries.map(|deliveries| worker::post(desk.clone(), deliveries)),
            desk,
            outbox,
        })
    }
}

impl Part for App {
    const NAME: &'static str = "payments";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4106";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let timing = Timing {
            limit: Duration::from_millis(config.provider_timeout_ms.max(100)),
            pause: Duration::from_millis(config.worker_ms.max(10)),
        };
        Self::new(config.database_url, config.provider.open()?, timing, &config.events).await
    }

    fn router(self) -> axum::Router {
        router().into_router().with_state(self)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        Ok(self.desk.db.ping().await?)
    }
}

/// Every route there is.
pub fn router() -> Api<App> {
    #[derive(OpenApi)]
    struct Info;

    Api::new(Info::openapi())
        .routes(routes!(payment_methods::create))
        .routes(routes!(payments::list, payments::create))
        .routes(routes!(payments::get))
        .routes(routes!(payments::capture))
        .routes(routes!(payments::void))
        .routes(routes!(refunds::create))
        .routes(routes!(movements::list))
        .routes(routes!(webhooks::create))
        .routes(routes!(test_bank::get, test_bank::create))
        .merge(outbox::routes())
}

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
