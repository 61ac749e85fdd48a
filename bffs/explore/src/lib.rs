#![doc = include_str!("../README.md")]

mod error;
mod http;
mod upstream;
mod view;

use service::{Api, BaseUrl, BoxError, Client, Part};
use utoipa::OpenApi;
use utoipa_axum::routes;

use crate::http::{categories, header, home, recommendations, search, stores};
use crate::upstream::{Catalog, Pricing};

/// Addresses of the services.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Address of catalog
    #[arg(long, env = "STOA_CATALOG_URL", default_value = "http://127.0.0.1:4101")]
    pub catalog_url: BaseUrl,
    /// Address of pricing
    #[arg(long, env = "STOA_PRICING_URL", default_value = "http://127.0.0.1:4102")]
    pub pricing_url: BaseUrl,
}

/// State shared by all handlers.
#[derive(Clone, Debug)]
pub struct App {
    catalog: Catalog,
    pricing: Pricing,
}

impl Part for App {
    const NAME: &'static str = "explore-bff";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4201";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        Ok(Self {
            catalog: Catalog::new(Client::new("catalog", config.catalog_url)),
            pricing: Pricing::new(Client::new("pricing", config.pricing_url)),
        })
    }

    fn router(self) -> axum::Router {
        router().into_router().with_state(self)
    }
}

/// All routes.
pub fn router() -> Api<App> {
    #[derive(OpenApi)]
    struct Info;

    Api::new(Info::openapi())
        .problems(error::Error::problems())
        .routes(routes!(home::get))
        .routes(routes!(categories::get))
        .routes(routes!(search::get))
        .routes(routes!(stores::get))
        .routes(routes!(recommendations::get))
        .routes(routes!(header::get))
}

/// The contract, published in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
