#![doc = include_str!("../README.md")]

mod desk;
pub mod domain;
mod error;
mod events;
mod http;
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

pub use crate::desk::Timing;
pub use crate::public::Public;

use crate::desk::Desk;
use crate::http::{movements, payment_methods, payment_options, payments, refunds};
use crate::provider::{Provider, Providers};

/// Payments' own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Where the data is: sqlite:PATH or postgres://…
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/payments.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
    /// Where providers' webhooks, the page that shoppers come back to and the test bank's are: the one door of payments that
    /// is for outside of the shop
    #[arg(long, env = "STOA_PUBLIC_LISTEN", default_value = Public::LISTEN)]
    pub public_listen: SocketAddr,
    /// Who moves the money
    #[command(flatten)]
    pub providers: provider::Settings,
    /// Milliseconds that asking the provider for one thing may take, all calls together; then it is looked up
    #[arg(long, env = "STOA_PROVIDER_TIMEOUT_MS", default_value_t = 12_000)]
    pub provider_timeout_ms: u64,
    /// Milliseconds between two looks for what is pending; the pause before the next try of one such movement begins
    /// there, and doubles
    #[arg(long, env = "STOA_WORKER_MS", default_value_t = 500)]
    pub worker_ms: u64,
    /// How payments' events travel
    #[command(flatten)]
    pub events: ::events::Settings,
}

/// What every handler works with.
#[derive(Clone, Debug)]
pub struct App {
    desk: Desk,
    outbox: Outbox,
    public: Option<Arc<Server>>,
    _worker: Background,
    _sweep: Background,
    _postmen: Vec<Background>,
}

impl FromRef<App> for Outbox {
    fn from_ref(app: &App) -> Self {
        app.outbox.clone()
    }
}

impl App {
    /// Opens the store, and works with providers and a timing of the caller's.
    pub async fn new(
        database_url: DatabaseUrl,
        providers: impl FnOnce(&Db) -> Providers,
        timing: Timing,
        events: &::events::Settings,
    ) -> Result<Self, BoxError> {
        let db = open(database_url).await?;
        let providers = providers(&db);
        Ok(Self::with(db, providers, timing, events))
    }

    /// The door that is for outside of the shop.
    #[must_use]
    pub fn public(&self) -> Public {
        Public(self.clone())
    }

    /// Where that door is, if it is open.
    #[must_use]
    pub fn public_address(&self) -> Option<SocketAddr> {
        self.public.as_ref().map(|server| server.address)
    }

    fn with(db: Db, providers: Providers, timing: Timing, events: &::events::Settings) -> Self {
        let outbox = Outbox::start(db.clone(), events);
        let batch = Batch::new(db.clone());
        let desk = Desk {
            db,
            batch,
            providers,
            timing,
        };
        let postman = |provider: &Arc<dyn Provider>| {
            let deliveries = provider.deliveries()?;
            Some(worker::post(desk.clone(), provider.clone(), deliveries))
        };
        Self {
            public: None,
            _worker: worker::start(desk.clone()),
            _sweep: sweep::start(desk.db.clone()),
            _postmen: desk.providers.iter().filter_map(postman).collect(),
            desk,
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
        "0006_providers"
    ];
    storage::migrate(&db, migrations).await?;
    Ok(db)
}

/// Signs the test provider's webhooks, in this shop and in no other.
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
            limit: Duration::from_millis(config.provider_timeout_ms.max(100)),
            pause: Duration::from_millis(config.worker_ms.max(10)),
        };
        // Before anything is opened: what is missing is told at once.
        config.providers.check()?;
        let db = open(config.database_url).await?;
        let providers = config.providers.open(&db, secret(&db).await?)?;
        let mut app = Self::with(db, providers, timing, &config.events);
        app.public = Some(Arc::new(Public::open(app.clone(), config.public_listen).await?));
        Ok(app)
    }

    fn router(self) -> axum::Router {
        router().into_router().with_state(self)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        Ok(self.desk.db.ping().await?)
    }
}

/// Every route there is.
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

/// The contract, kept in `openapi.json`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    router().contract()
}
