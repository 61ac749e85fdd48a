#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod http;
mod jws;
mod saga;
mod store;
mod upstream;

use std::time::Duration;

use axum::routing::get;
use chrono::{DateTime, Utc};
use service::{BaseUrl, BoxError, Client, Json, Part, Problem};
use storage::{DatabaseUrl, Db, clock, migrations};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::orders;
use crate::upstream::cart::Cart;
use crate::upstream::inventory::Inventory;
use crate::upstream::payments::Payments;
use crate::upstream::pricing::Pricing;

/// Orders' own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Where the data is: sqlite:PATH or postgres://…
    #[arg(long, env = "STOA_DATABASE_URL", default_value = "sqlite:target/shop/data/orders.db")]
    pub database_url: DatabaseUrl,
    /// Where pricing is
    #[arg(long, env = "STOA_PRICING_URL", default_value = "http://127.0.0.1:4102")]
    pub pricing_url: BaseUrl,
    /// Where inventory is
    #[arg(long, env = "STOA_INVENTORY_URL", default_value = "http://127.0.0.1:4103")]
    pub inventory_url: BaseUrl,
    /// Where the carts are
    #[arg(long, env = "STOA_CART_URL", default_value = "http://127.0.0.1:4104")]
    pub cart_url: BaseUrl,
    /// Where payments is
    #[arg(long, env = "STOA_PAYMENTS_URL", default_value = "http://127.0.0.1:4106")]
    pub payments_url: BaseUrl,
    /// Milliseconds that one try of one step may take; a step is tried twice
    #[arg(long, env = "STOA_STEP_TIMEOUT_MS", default_value_t = 2000)]
    pub step_timeout_ms: u64,
}

/// What every handler works with.
#[derive(Clone, Debug)]
pub struct App {
    db: Db,
    pricing: Pricing,
    inventory: Inventory,
    payments: Payments,
    cart: Cart,
    step_timeout: Duration,
}

impl App {
    /// Until when whoever takes up an order now has it for themselves, if they write nothing down meanwhile.
    fn lease(&self) -> DateTime<Utc> {
        clock::now() + self.patience() + Duration::from_secs(10)
    }

    /// More than the calls between two writes can take: four of them, each tried twice.
    fn patience(&self) -> Duration {
        self.step_timeout * 10
    }
}

impl Part for App {
    const NAME: &'static str = "orders";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4105";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let db = Db::open(config.database_url).await?;
        storage::migrate(&db, migrations!["0001_orders"]).await?;
        let timeout = Duration::from_millis(config.step_timeout_ms);
        Ok(Self {
            db,
            pricing: Pricing::new(Client::new("pricing", config.pricing_url), timeout),
            inventory: Inventory::new(Client::new("inventory", config.inventory_url), timeout),
            payments: Payments::new(Client::new("payments", config.payments_url), timeout),
            cart: Cart::new(Client::new("cart", config.cart_url), timeout),
            step_timeout: timeout,
        })
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
        .routes(routes!(orders::create))
        .routes(routes!(orders::get))
}

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().into_openapi()
}
