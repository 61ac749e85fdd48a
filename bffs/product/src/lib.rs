#![doc = include_str!("../README.md")]

mod error;
mod http;
mod stock_feed;
mod upstream;
mod view;

use service::{Api, BaseUrl, BoxError, Client, Part, Resilience};
use utoipa::OpenApi;
use utoipa_axum::routes;

use crate::http::{live, products};
use crate::stock_feed::StockFeeds;
use crate::upstream::{Catalog, Inventory, Pricing};

/// The product BFF's own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Address of catalog
    #[arg(long, env = "STOA_CATALOG_URL", default_value = "http://127.0.0.1:4101")]
    pub catalog_url: BaseUrl,
    /// Address of pricing
    #[arg(long, env = "STOA_PRICING_URL", default_value = "http://127.0.0.1:4102")]
    pub pricing_url: BaseUrl,
    /// Address of inventory
    #[arg(long, env = "STOA_INVENTORY_URL", default_value = "http://127.0.0.1:4103")]
    pub inventory_url: BaseUrl,
}

/// The state that handlers share.
#[derive(Clone, Debug)]
pub struct App {
    catalog: Catalog,
    pricing: Pricing,
    inventory: Inventory,
    stock_feeds: StockFeeds,
}

impl Part for App {
    const NAME: &'static str = "product-bff";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4202";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let waiting = Client::new("inventory-waiting", config.inventory_url.clone());
        Ok(Self {
            catalog: Catalog::new(Client::new("catalog", config.catalog_url)),
            pricing: Pricing::new(Client::new("pricing", config.pricing_url)),
            inventory: Inventory::new(Client::new("inventory", config.inventory_url)),
            // A client of its own, so that long polls do not use up the places of other calls.
            stock_feeds: StockFeeds::new(Inventory::new(waiting.resilience(Resilience {
                upstream_concurrency: usize::MAX,
                ..Resilience::of_process()
            }))),
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
        .routes(routes!(products::get))
        .routes(routes!(live::get))
}

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
