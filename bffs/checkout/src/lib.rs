#![doc = include_str!("../README.md")]

mod error;
mod form;
mod http;
mod rate_limits;
mod upstream;
mod view;

use service::{Api, BaseUrl, BoxError, Client, Part, Resilience};
use utoipa::OpenApi;
use utoipa_axum::routes;
use values::Clock;

use crate::http::{add_to_cart, cart, checkout, lines, live, orders};
use crate::rate_limits::RateLimits;
use crate::upstream::{Carts, Catalog, Inventory, Orders, Payments, Pricing, QuoteVerifier};

pub use crate::rate_limits::RateLimitSettings;

/// Addresses of the services, and rate limits.
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
    /// Address of cart
    #[arg(long, env = "STOA_CART_URL", default_value = "http://127.0.0.1:4104")]
    pub cart_url: BaseUrl,
    /// Address of orders
    #[arg(long, env = "STOA_ORDERS_URL", default_value = "http://127.0.0.1:4105")]
    pub orders_url: BaseUrl,
    /// Address of payments
    #[arg(long, env = "STOA_PAYMENTS_URL", default_value = "http://127.0.0.1:4106")]
    pub payments_url: BaseUrl,
    /// Rate limits per client
    #[command(flatten)]
    pub rate_limits: RateLimitSettings,
}

/// The state shared by all handlers.
#[derive(Clone, Debug)]
pub struct App {
    catalog: Catalog,
    pricing: Pricing,
    quotes: QuoteVerifier,
    inventory: Inventory,
    carts: Carts,
    orders: Orders,
    payments: Payments,
    rate_limits: RateLimits,
    clock: Clock,
}

impl Part for App {
    const NAME: &'static str = "checkout-bff";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4203";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let pricing = Client::new("pricing", config.pricing_url);
        Ok(Self {
            catalog: Catalog::new(Client::new("catalog", config.catalog_url)),
            quotes: QuoteVerifier::new(pricing.clone()),
            pricing: Pricing::new(pricing),
            inventory: Inventory::new(Client::new("inventory", config.inventory_url)),
            carts: Carts::new(Client::new("cart", config.cart_url)),
            orders: Orders::new(
                Client::new("orders", config.orders_url.clone()),
                Client::new("orders-waiting", config.orders_url).resilience(long_polling()),
            ),
            payments: Payments::new(Client::new("payments", config.payments_url)),
            rate_limits: RateLimits::new(config.rate_limits),
            clock: Clock::system(),
        })
    }

    fn router(self) -> axum::Router {
        router().into_router().with_state(self)
    }
}

/// The number of open sockets bounds the number of long polls already, so the client needs no limit of its own.
fn long_polling() -> Resilience {
    Resilience {
        upstream_concurrency: usize::MAX,
        ..Resilience::of_process()
    }
}

/// All routes.
pub fn router() -> Api<App> {
    #[derive(OpenApi)]
    struct Info;

    Api::new(Info::openapi())
        .problems(error::Error::problems())
        .routes(routes!(cart::get))
        .routes(routes!(cart::count))
        .routes(routes!(lines::create, lines::update, lines::remove))
        .routes(routes!(add_to_cart::get))
        .routes(routes!(checkout::get))
        .routes(routes!(orders::create))
        .routes(routes!(orders::get))
        .routes(routes!(orders::cancel))
        .routes(routes!(live::get))
}

/// The OpenAPI document, stored in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
