#![doc = include_str!("../README.md")]

mod desk;
pub mod domain;
mod error;
mod http;
pub mod provider;
mod store;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use service::{BoxError, Json, Part, Problem};
use storage::{DatabaseUrl, Db, migrations};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use crate::desk::Timing;

use crate::desk::Desk;
use crate::http::{payment_methods, payments, refunds};
use crate::provider::Provider;
use crate::worker::Worker;

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
    #[arg(long, env = "STOA_PAYMENT_PROVIDER", value_enum, default_value = "test")]
    pub provider: provider::Name,
    /// Milliseconds between two looks for what is pending; the pause before the next try of one such movement begins
    /// there, and doubles
    #[arg(long, env = "STOA_WORKER_MS", default_value_t = 500)]
    pub worker_ms: u64,
}

/// For how long whoever asks the provider has a movement for themselves: several calls, and room to spare.
const LEASE: Duration = Duration::from_secs(15);

/// What every handler works with.
#[derive(Clone, Debug)]
pub struct App {
    desk: Desk,
    /// Held for its end: with the last handler, the worker stops
    _worker: Arc<Worker>,
}

impl App {
    /// Opens the store, and works with a provider and a timing of the caller's.
    pub async fn new(database_url: DatabaseUrl, provider: Arc<dyn Provider>, timing: Timing) -> Result<Self, BoxError> {
        let db = Db::open(database_url).await?;
        storage::migrate(&db, migrations!["0001_payments", "0002_movements"]).await?;
        let desk = Desk { db, provider, timing };
        let worker = Arc::new(Worker::start(desk.clone()));
        Ok(Self { desk, _worker: worker })
    }
}

impl Part for App {
    const NAME: &'static str = "payments";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4106";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let timing = Timing {
            lease: LEASE,
            pause: Duration::from_millis(config.worker_ms.max(10)),
        };
        Self::new(config.database_url, config.provider.open(), timing).await
    }

    fn router(self) -> axum::Router {
        let (router, openapi) = router().split_for_parts();
        router
            .route("/openapi.json", get(async || Json(openapi)))
            .fallback(async || Problem::not_found("There is nothing at this address."))
            .with_state(self)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        Ok(self.desk.db.ping().await?)
    }
}

/// Every route there is.
pub fn router() -> OpenApiRouter<App> {
    #[derive(OpenApi)]
    struct Info;

    OpenApiRouter::with_openapi(Info::openapi())
        .routes(routes!(payment_methods::create))
        .routes(routes!(payments::list, payments::create))
        .routes(routes!(payments::get))
        .routes(routes!(payments::capture))
        .routes(routes!(payments::void))
        .routes(routes!(refunds::create))
}

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().into_openapi()
}
