#![doc = include_str!("../README.md")]

mod domain;
mod error;
mod events;
mod http;
mod postman;
mod refusal;
mod saga;
mod secret;
mod store;
mod sweep;
mod upstream;
mod worker;

use std::time::Duration;

use ::events::{Consumer, Outbox, Subscription};
use axum::extract::FromRef;
use chrono::{DateTime, Utc};
use service::{Api, Background, BaseUrl, BoxError, Client, Part};
use storage::{Batch, DatabaseUrl, Db, clock, migrations};
use utoipa::OpenApi;
use utoipa_axum::routes;

use crate::domain::Limits;
use crate::events::{ANSWERS, Answers};
use crate::http::{orders, webhooks};
use crate::store::orders::Until;
use crate::upstream::cart::Cart;
use crate::upstream::inventory::Inventory;
use crate::upstream::payments::{PROVIDERS, Payments};
use crate::upstream::pricing::Pricing;

/// Orders' own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Where the data is: sqlite:PATH or postgres://…
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/orders.db",
        hide_env_values = true
    )]
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
    /// Where shoppers find the shop, to come back to from their bank
    #[arg(long, env = "STOA_SHOP_URL", default_value = "http://127.0.0.1:4000")]
    pub shop_url: BaseUrl,
    /// Milliseconds that one try of one step may take, three times as many where a provider is asked; a step is tried twice
    #[arg(long, env = "STOA_STEP_TIMEOUT_MS", default_value_t = 2000)]
    pub step_timeout_ms: u64,
    /// Milliseconds after which the shopper is told to follow an order that is still being placed
    #[arg(long, env = "STOA_ANSWER_MS", default_value_t = 2000)]
    pub answer_ms: u64,
    /// Seconds after which an order that is still being placed is given up
    #[arg(long, env = "STOA_ORDER_DEADLINE_SECONDS", default_value_t = 600)]
    pub order_deadline_seconds: u64,
    /// Seconds that units are held while a shopper's bank asks; whoever answers it later gets what is still there
    #[arg(long, env = "STOA_BANK_HOLD_SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u64).range(1..=900))]
    pub bank_hold_seconds: u64,
    /// Seconds that a shopper has to pay on a provider's page. Units are held until then; before they go back, the page is
    /// closed
    #[arg(long, env = "STOA_PAYMENT_PAGE_SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u64).range(60..=82_800))]
    pub payment_page_seconds: u64,
    /// Orders of one client that wait for a bank, or have done so in vain within an hour, whose units are held meanwhile
    #[arg(long, env = "STOA_UNPAID_PER_CLIENT", default_value_t = 10)]
    pub unpaid_per_client: u32,
    /// Orders that wait for the bank of one card, or have done so in vain within an hour, whose units are held meanwhile
    #[arg(long, env = "STOA_UNPAID_PER_CARD", default_value_t = 3)]
    pub unpaid_per_card: u32,
    /// Cards that are declined within an hour, of one cart or for one quote, before no further one is tried
    #[arg(long, env = "STOA_DECLINED_PER_CART", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub declined_per_cart: u32,
    /// Cards that are declined within an hour, of one client's address, before no further one is tried
    #[arg(long, env = "STOA_DECLINED_PER_CLIENT", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub declined_per_client: u32,
    /// Milliseconds between two looks for orders that were left half-way; the pause before the next try of one
    /// such order begins there, and doubles
    #[arg(long, env = "STOA_WORKER_MS", default_value_t = 500)]
    pub worker_ms: u64,
    /// Whether webhooks may lead to addresses inside of the shop's networks: for a lab, never for a shop that others can
    /// give webhooks to
    #[arg(long, env = "STOA_WEBHOOK_PRIVATE", value_enum, default_value = "refuse")]
    pub webhook_private: Private,
    /// Whose webhooks are believed
    #[command(flatten)]
    pub https: https::Settings,
    /// How orders' events travel
    #[command(flatten)]
    pub events: ::events::Settings,
}

/// What becomes of webhooks that lead to private networks, this machine and the like.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub enum Private {
    /// They are served
    Allow,
    /// They are neither taken nor called
    Refuse,
}

impl Private {
    fn reach(self) -> https::Reach {
        match self {
            Self::Allow => https::Reach::Anywhere,
            Self::Refuse => https::Reach::Outside,
        }
    }
}

/// What every handler works with.
#[derive(Clone, Debug)]
pub struct App {
    db: Db,
    batch: Batch,
    outbox: Outbox,
    consumer: Consumer,
    pricing: Pricing,
    inventory: Inventory,
    payments: Payments,
    cart: Cart,
    step_timeout: Duration,
    answer_within: Duration,
    deadline: Duration,
    limits: Limits,
    reach: https::Reach,
    pause: Duration,
    worker: Option<Background>,
    _sweep: Background,
    _postman: Background,
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

/// The longest pause between two tries of one order.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

impl App {
    /// Until when whoever takes up an order now has it for themselves, if they write nothing down meanwhile.
    fn lease(&self) -> DateTime<Utc> {
        clock::now() + self.patience() + Duration::from_secs(10)
    }

    /// For as long as I am at it.
    fn mine(&self) -> Until {
        let leased = self.lease();
        Until { leased, due: leased }
    }

    /// Anybody may take it up at once; the worker after a pause that grows.
    fn anybodys(&self, tries: u32) -> Until {
        let now = clock::now();
        let pause = self.pause.saturating_mul(1 << tries.clamp(1, 17) >> 1);
        Until {
            leased: now,
            due: now + pause.min(LONGEST_PAUSE),
        }
    }

    /// More than the calls between two writes can take: four of them, each tried twice, of which one asks a provider.
    fn patience(&self) -> Duration {
        self.step_timeout * (8 + 2 * PROVIDERS)
    }
}

impl Part for App {
    const NAME: &'static str = "orders";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4105";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
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
                "0010_payment_pages"
            ],
        )
        .await?;
        let timeout = Duration::from_millis(config.step_timeout_ms);
        let outbox = Outbox::start(db.clone(), &config.events);
        let consumer = Subscription::new(Self::NAME, db.clone(), Answers)
            .to("payments", config.payments_url.clone(), &ANSWERS)
            .start(&config.events);
        let pause = Duration::from_millis(config.worker_ms);
        let page_time = Duration::from_secs(config.payment_page_seconds);
        let reach = config.webhook_private.reach();
        let http = https::Client::guarded(&config.https, reach)?;
        let postman = postman::start(db.clone(), outbox.clone(), http, pause);
        let sweep = sweep::start(db.clone());
        let mut app = Self {
            outbox,
            consumer,
            batch: Batch::new(db.clone()),
            db,
            pricing: Pricing::new(Client::new("pricing", config.pricing_url), timeout),
            inventory: Inventory::new(Client::new("inventory", config.inventory_url), timeout, page_time),
            payments: Payments::new(Client::new("payments", config.payments_url), timeout, config.shop_url),
            cart: Cart::new(Client::new("cart", config.cart_url), timeout),
            step_timeout: timeout,
            answer_within: Duration::from_millis(config.answer_ms),
            deadline: Duration::from_secs(config.order_deadline_seconds),
            reach,
            limits: Limits {
                declined_per_cart: config.declined_per_cart,
                declined_per_client: config.declined_per_client,
                unpaid_per_client: config.unpaid_per_client,
                unpaid_per_card: config.unpaid_per_card,
                bank_hold: Duration::from_secs(config.bank_hold_seconds),
                page_time,
            },
            pause,
            worker: None,
            _sweep: sweep,
            _postman: postman,
        };
        app.worker = Some(worker::start(app.clone()));
        Ok(app)
    }

    fn router(self) -> axum::Router {
        router().into_router().with_state(self)
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
        .routes(routes!(orders::list, orders::create))
        .routes(routes!(orders::get))
        .routes(routes!(orders::cancel))
        .routes(routes!(webhooks::list))
        .routes(routes!(webhooks::get, webhooks::update, webhooks::remove))
        .routes(routes!(webhooks::replay))
        .merge(::events::outbox::routes())
        .merge(::events::consumer::routes())
}

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
