#![doc = include_str!("../README.md")]

pub mod domain;
mod error;
mod http;
pub mod provider;
mod store;

use std::sync::Arc;

use axum::routing::get;
use service::{BoxError, Json, Part, Problem};
use storage::{DatabaseUrl, Db, migrations};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{payment_methods, payments};
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
    #[arg(long, env = "STOA_PAYMENT_PROVIDER", value_enum, default_value = "test")]
    pub provider: provider::Name,
}

/// What every handler works with.
#[derive(Clone, Debug)]
pub struct App {
    db: Db,
    provider: Arc<dyn Provider>,
}

impl App {
    /// Opens the store, and works with a provider of the caller's.
    pub async fn new(database_url: DatabaseUrl, provider: Arc<dyn Provider>) -> Result<Self, BoxError> {
        let db = Db::open(database_url).await?;
        storage::migrate(&db, migrations!["0001_payments"]).await?;
        Ok(Self { db, provider })
    }
}

impl Part for App {
    const NAME: &'static str = "payments";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4106";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        Self::new(config.database_url, config.provider.open()).await
    }

    fn router(self) -> axum::Router {
        let (router, openapi) = router().split_for_parts();
        router
            .route("/openapi.json", get(async || Json(openapi)))
            .fallback(async || Problem::not_found("There is nothing at this address."))
            .with_state(self)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        Ok(self.db.ping().await?)
    }
}

/// Every route there is.
pub fn router() -> OpenApiRouter<App> {
    #[derive(OpenApi)]
    struct Info;

    OpenApiRouter::with_openapi(Info::openapi())
        .routes(routes!(payment_methods::create))
        .routes(routes!(payments::create))
        .routes(routes!(payments::get))
        .routes(routes!(payments::capture))
        .routes(routes!(payments::void))
}

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().into_openapi()
}
