#![doc = include_str!("../README.md")]

mod dispatcher;
mod domain;
mod error;
mod events;
mod http;
mod payment_events;
mod placement;
mod rejection;
mod saga;
mod secret;
mod store;
mod sweep;
mod upstream;
mod worker;

use std::time::Duration;

use ::events::{Consumer, Outbox, Subscription};
use axum::extract::FromRef;
use service::{Api, Background, BaseUrl, BoxError, Client, Part};
use storage::{Batch, DatabaseUrl, Db, migrations};
use utoipa::OpenApi;
use utoipa_axum::routes;
use values::Clock;

use crate::domain::Limits;
use crate::http::{orders, webhooks};
use crate::payment_events::PaymentEventHandler;
use crate::saga::{LeasePolicy, OrderSaga};
use crate::upstream::cart::Cart;
use crate::upstream::inventory::Inventory;
use crate::upstream::payments::Payments;
use crate::upstream::pricing::Pricing;

/// The settings of orders.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Address of the database: sqlite:PATH or postgres://…
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/orders.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
    /// Address of pricing
    #[arg(long, env = "STOA_PRICING_URL", default_value = "http://127.0.0.1:4102")]
    pub pricing_url: BaseUrl,
    /// Address of inventory
    #[arg(long, env = "STOA_INVENTORY_URL", default_value = "http://127.0.0.1:4103")]
    pub inventory_url: BaseUrl,
    /// Address of cart
    #[arg(long, env = "STOA_CART_URL", default_value = "http://127.0.0.1:4104")]
    pub cart_url: BaseUrl,
    /// Address of payments
    #[arg(long, env = "STOA_PAYMENTS_URL", default_value = "http://127.0.0.1:4106")]
    pub payments_url: BaseUrl,
    /// Public address of the shop, which shoppers return to from their bank or from a provider's page
    #[arg(long, env = "STOA_SHOP_URL", default_value = "http://127.0.0.1:4000")]
    pub shop_url: BaseUrl,
    /// Milliseconds for one attempt of a step, three times as many if a payment provider is called; a step is tried twice
    #[arg(long, env = "STOA_STEP_TIMEOUT_MS", default_value_t = 2000)]
    pub step_timeout_ms: u64,
    /// Milliseconds after which a request to place an order is answered with 202 if the order is still being placed
    #[arg(long, env = "STOA_ANSWER_MS", default_value_t = 2000)]
    pub answer_ms: u64,
    /// Seconds after which an order that is still being placed fails
    #[arg(long, env = "STOA_ORDER_DEADLINE_SECONDS", default_value_t = 600)]
    pub order_deadline_seconds: u64,
    /// Seconds that units are held while the shopper confirms the payment with their bank; one who confirms later gets the
    /// units if they are still available
    #[arg(long, env = "STOA_BANK_HOLD_SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u64).range(1..=900))]
    pub bank_hold_seconds: u64,
    /// Seconds that a shopper has to pay on a provider's page. Units are held until the page is closed
    #[arg(long, env = "STOA_PAYMENT_PAGE_SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u64).range(60..=82_800))]
    pub payment_page_seconds: u64,
    /// Unpaid orders of one client for which units are held: orders that await payment, or expired within the last hour
    #[arg(long, env = "STOA_UNPAID_PER_CLIENT", default_value_t = 10)]
    pub unpaid_per_client: u32,
    /// Unpaid orders of one card for which units are held: orders that await payment, or expired within the last hour
    #[arg(long, env = "STOA_UNPAID_PER_CARD", default_value_t = 3)]
    pub unpaid_per_card: u32,
    /// Declined cards within an hour, for one cart or one quote, after which no other card is tried
    #[arg(long, env = "STOA_DECLINED_PER_CART", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub declined_per_cart: u32,
    /// Declined cards within an hour, for one client's address, after which no other card is tried
    #[arg(long, env = "STOA_DECLINED_PER_CLIENT", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub declined_per_client: u32,
    /// Milliseconds between two looks for orders that were left in progress, and for events that webhooks wait for; also the
    /// first pause before such an order is tried again, which then doubles
    #[arg(long, env = "STOA_WORKER_MS", default_value_t = 500)]
    pub worker_ms: u64,
    /// Whether webhooks may lead to private networks: allow it in a lab, never in a shop where others can create webhooks
    #[arg(long, env = "STOA_WEBHOOK_PRIVATE", value_enum, default_value = "refuse")]
    pub webhook_private: PrivateWebhooks,
    /// The certificates that webhooks are trusted with
    #[command(flatten)]
    pub https: https::Settings,
    /// The transport of events
    #[command(flatten)]
    pub events: ::events::Settings,
}

/// Whether webhooks that lead to private networks or this machine are allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum PrivateWebhooks {
    /// They are called
    Allow,
    /// They are neither accepted nor called
    Refuse,
}

impl PrivateWebhooks {
    fn reach(self) -> https::NetworkAccess {
        match self {
            Self::Allow => https::NetworkAccess::Any,
            Self::Refuse => https::NetworkAccess::PublicOnly,
        }
    }
}

/// The state of the part, shared by all handlers.
#[derive(Clone, Debug)]
pub struct App {
    db: Db,
    clock: Clock,
    outbox: Outbox,
    consumer: Consumer,
    saga: OrderSaga,
    answer_timeout: Duration,
    webhook_reach: https::NetworkAccess,
    _worker: Background,
    _sweep: Background,
    _dispatcher: Background,
}

impl FromRef<App> for Outbox {
    fn from_ref(app: &App) -> Self {
        app.outbox.clone()
    }
}

impl FromRef<App> for Consumer {
    fn from_ref(app: &App) -> Self {
        app.consumer.clone()
    }
}

impl App {
    /// Opens the database and starts the background tasks, with this clock.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, BoxError> {
        let db = Db::open(config.database_url).await?;
        storage::migrate(
            &db,
            migrations![
                "0001_orders",
                "0002_worker",
                ::events::OUTBOX,
                "0003_webhooks",
                "0004_authentication",
                ::events::INBOX,
                "0005_quotes",
                "0006_carts",
                "0007_waiting",
                "0008_scarcity",
                "0009_cards",
                "0010_payment_pages",
                "0011_plain_names",
                ::events::INBOX_ATTEMPTS,
            ],
        )
        .await?;
        let timeout = Duration::from_millis(config.step_timeout_ms);
        let pause = Duration::from_millis(config.worker_ms);
        let page_time = Duration::from_secs(config.payment_page_seconds);
        let outbox = Outbox::start(db.clone(), &config.events);
        let consumer = Subscription::new(Self::NAME, db.clone(), PaymentEventHandler { clock: clock.clone() })
            .to("payments", config.payments_url.clone(), &payment_events::EVENT_TYPES)
            .start(&config.events);
        let webhook_reach = config.webhook_private.reach();
        let http = https::Client::with_access(&config.https, webhook_reach)?;
        let saga = OrderSaga {
            clock: clock.clone(),
            batch: Batch::new(db.clone()),
            db: db.clone(),
            pricing: Pricing::new(Client::new("pricing", config.pricing_url), timeout),
            inventory: Inventory::new(Client::new("inventory", config.inventory_url), timeout, page_time),
            payments: Payments::new(Client::new("payments", config.payments_url), timeout, config.shop_url),
            cart: Cart::new(Client::new("cart", config.cart_url), timeout),
            deadline: Duration::from_secs(config.order_deadline_seconds),
            limits: Limits {
                declined_per_cart: config.declined_per_cart,
                declined_per_client: config.declined_per_client,
                unpaid_per_client: config.unpaid_per_client,
                unpaid_per_card: config.unpaid_per_card,
                bank_hold: Duration::from_secs(config.bank_hold_seconds),
                page_time,
            },
            leases: LeasePolicy {
                step_timeout: timeout,
                retry_pause: pause,
            },
        };
        Ok(Self {
            answer_timeout: Duration::from_millis(config.answer_ms),
            webhook_reach,
            _worker: worker::start(saga.clone(), pause),
            _sweep: sweep::start(db.clone(), clock.clone()),
            _dispatcher: dispatcher::start(db.clone(), clock.clone(), outbox.clone(), http, pause),
            saga,
            clock,
            outbox,
            consumer,
            db,
        })
    }
}

impl Part for App {
    const NAME: &'static str = "orders";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4105";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        Self::open(config, Clock::system()).await
    }

    fn router(self) -> axum::Router {
        router().into_router().with_state(self)
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
        .routes(routes!(orders::list, orders::create))
        .routes(routes!(orders::get))
        .routes(routes!(orders::cancel))
        .routes(routes!(webhooks::list))
        .routes(routes!(webhooks::get, webhooks::update, webhooks::remove))
        .routes(routes!(webhooks::replay))
        .merge(::events::outbox::routes())
        .merge(::events::consumer::routes())
}

/// The contract in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
