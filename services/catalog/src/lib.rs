#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod http;
mod store;

use service::{Api, BoxError, Part};
use storage::{DatabaseUrl, Db, migrations};
use utoipa::OpenApi;
use utoipa_axum::routes;
use values::Clock;

use crate::http::{categories, products, shops, stories, variants};

/// The catalog's settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Database: sqlite:PATH or postgres://…
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/catalog.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
}

/// Changes are visible within a second, and clients may use a stale response for five minutes if the catalog fails.
const CACHE_CONTROL: &str = "public, max-age=1, stale-if-error=300";

/// State shared by all handlers.
#[derive(Clone, Debug)]
pub struct App {
    db: Db,
    clock: Clock,
}

impl Part for App {
    const NAME: &'static str = "catalog";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4101";
    /// Large enough for a product with 2,048 variants.
    const BODY_LIMIT: usize = 4 << 20;
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let db = Db::open(config.database_url).await?;
        storage::migrate(
            &db,
            migrations![
                "0001_products",
                "0002_stories_and_shops",
                "0003_goods",
                "0004_column_names"
            ],
        )
        .await?;
        store::index::refresh(&db).await?;
        Ok(Self {
            db,
            clock: Clock::system(),
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

/// All routes.
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

/// The contract, published in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
