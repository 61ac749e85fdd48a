#![doc = include_str!("../README.md")]

pub mod domain;
mod error;
mod events;
mod http;
mod payment_service;
pub mod provider;
mod public;
mod store;
mod sweep;
mod worker;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::events::{Outbox, outbox};
use axum::extract::FromRef;
use secrecy::SecretString;
use service::{Api, Background, BoxError, Part, Server};
use storage::{Batch, DatabaseUrl, Db, migrations};
use utoipa::OpenApi;
use utoipa_axum::routes;
use uuid::Uuid;
use values::Clock;

pub use crate::payment_service::Timing;
pub use crate::public::PublicApp;

use crate::http::{movements, payment_methods, payment_options, payments, refunds};
use crate::payment_service::PaymentService;
use crate::provider::{Provider, Providers};

/// The settings of payments.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// The database: sqlite:PATH or postgres://…
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/payments.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
    /// The address of the public listener, for webhooks, shoppers who return from a provider's page, and the test bank's page.
    /// Only this one may be reachable from outside of the shop
    #[arg(long, env = "STOA_PUBLIC_LISTEN", default_value = PublicApp::LISTEN)]
    pub public_listen: SocketAddr,
    #[command(flatten)]
    pub providers: provider::Settings,
    /// The timeout in milliseconds of one operation at a provider, for all of its calls; after it, the outcome is retrieved
    #[arg(long, env = "STOA_PROVIDER_TIMEOUT_MS", default_value_t = 12_000)]
    pub provider_timeout_ms: u64,
    /// The interval in milliseconds at which the worker looks for pending movements. It is also the first pause between two
    /// attempts at one movement, which doubles each time
    #[arg(long, env = "STOA_WORKER_MS", default_value_t = 500)]
    pub worker_ms: u64,
    #[command(flatten)]
    pub events: ::events::Settings,
}

/// The state shared by all handlers.
#[derive(Clone, Debug)]
pub struct App {
    service: PaymentService,
    outbox: Outbox,
    public: Option<Arc<Server>>,
    _worker: Background,
    _sweep: Background,
    _dispatchers: Vec<Background>,
}

impl FromRef<App> for Outbox {
    fn from_ref(app: &App) -> Self {
        app.outbox.clone()
    }
}

impl App {
    /// Opens the database, with the caller's providers, timing and clock.
    pub async fn new(
        database_url: DatabaseUrl,
        providers: impl FnOnce(&Db) -> Providers,
        timing: Timing,
        events: &::events::Settings,
        clock: Clock,
    ) -> Result<Self, BoxError> {
        let db = open(database_url).await?;
        let providers = providers(&db);
        Ok(Self::with(db, providers, timing, events, clock))
    }

    /// The application behind the public listener.
    #[must_use]
    pub fn public(&self) -> PublicApp {
        PublicApp(self.clone())
    }

    /// The address of the public listener, if it was started.
    #[must_use]
    pub fn public_address(&self) -> Option<SocketAddr> {
        self.public.as_ref().map(|server| server.address)
    }

    fn with(db: Db, providers: Providers, timing: Timing, events: &::events::Settings, clock: Clock) -> Self {
        let outbox = Outbox::start(db.clone(), events);
        let batch = Batch::new(db.clone());
        let service = PaymentService {
            db,
            batch,
            providers,
            timing,
            clock,
        };
        let dispatcher = |provider: &Arc<dyn Provider>| {
            let deliveries = provider.deliveries()?;
            Some(worker::start_dispatcher(service.clone(), provider.clone(), deliveries))
        };
        Self {
            public: None,
            _worker: worker::start(service.clone()),
            _sweep: sweep::start(service.db.clone(), service.clock.clone()),
            _dispatchers: service.providers.iter().filter_map(dispatcher).collect(),
            service,
            outbox,
        }
    }
}

async fn open(url: DatabaseUrl) -> Result<Db, BoxError> {
    let db = Db::open(url).await?;
    let migrations = migrations![
        "0001_payments",
        "0002_movements",
        "0003_webhooks",
        ::events::OUTBOX,
        "0004_secrets",
        "0005_fingerprints",
        "0006_providers",
        "0007_names"
    ];
    storage::migrate(&db, migrations).await?;
    Ok(db)
}

/// The secret of the test provider's webhooks, generated once for each installation.
async fn secret(db: &Db) -> Result<SecretString, BoxError> {
    let random = [Uuid::new_v4(), Uuid::new_v4()].map(|id| id.simple().to_string());
    let secret = format!("whsec_{}", random.concat()).into();
    Ok(store::secrets::find_or_insert(db, "test-bank", &secret).await?)
}

impl Part for App {
    const NAME: &'static str = "payments";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4106";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let timing = Timing {
            timeout: Duration::from_millis(config.provider_timeout_ms.max(100)),
            interval: Duration::from_millis(config.worker_ms.max(10)),
        };
        // Before the database is opened, so that a missing setting is reported at once.
        config.providers.check()?;
        let db = open(config.database_url).await?;
        let providers = config.providers.open(&db, secret(&db).await?)?;
        let mut app = Self::with(db, providers, timing, &config.events, Clock::system());
        app.public = Some(Arc::new(PublicApp::listen(app.clone(), config.public_listen).await?));
        Ok(app)
    }

    fn router(self) -> axum::Router {
        router().into_router().with_state(self)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        Ok(self.service.db.ping().await?)
    }
}

/// All routes of the internal API.
pub fn router() -> Api<App> {
    #[derive(OpenApi)]
    struct Info;

    Api::new(Info::openapi())
        .problems(error::Error::problems())
        .routes(routes!(payment_options::list))
        .routes(routes!(payment_methods::create))
        .routes(routes!(payments::list, payments::create))
        .routes(routes!(payments::get))
        .routes(routes!(payments::capture))
        .routes(routes!(payments::void))
        .routes(routes!(payments::expire))
        .routes(routes!(refunds::create))
        .routes(routes!(movements::list))
        .merge(outbox::routes())
}

/// The OpenAPI document, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
