#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod http;
mod store;

use service::{Api, BoxError, Part};
use storage::{DatabaseUrl, Db, migrations};
use utoipa::OpenApi;
use utoipa_axum::routes;

use crate::http::{categories, products, shops, stories, variants};

/// The catalog's own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Where the data is: sqlite:PATH or postgres://…
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/catalog.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
}

/// A change shows within a second, and what we said last outlives us by five minutes.
const CACHE_CONTROL: &str = "public, max-age=1, stale-if-error=300";

/// What every handler works with.
#[derive(Clone, Debug)]
pub struct App {
    db: Db,
}

impl Part for App {
    const NAME: &'static str = "catalog";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4101";
    /// A product with two thousand variants is a long text.
    const BODY_LIMIT: usize = 4 << 20;
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let db = Db::open(config.database_url).await?;
        storage::migrate(
            &db,
            migrations!["0001_products", "0002_stories_and_shops", "0003_goods"],
        )
        .await?;
        store::index::refresh(&db).await?;
        Ok(Self { db })
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
        .problems(error::Error::problems())
        .routes(routes!(products::list))
        .routes(routes!(products::get, products::update, products::remove))
        .routes(routes!(products::update_status))
        .routes(routes!(variants::list))
        .routes(routes!(variants::remove))
        .routes(routes!(categories::list))
        .routes(routes!(categories::get, categories::update, categories::remove))
        .routes(routes!(stories::list))
        .routes(routes!(stories::get, stories::update, stories::remove))
        .routes(routes!(shops::list))
        .routes(routes!(shops::get, shops::update, shops::remove))
}

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
