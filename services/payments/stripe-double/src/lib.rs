#![doc = include_str!("../README.md")]

mod api;
mod behaviour;
mod control;
mod currency;
mod error;
mod form;
mod objects;
mod page;
mod schema;
mod store;
mod sweep;
mod unit_of_work;
mod webhooks;

use std::sync::Arc;

use axum::routing::{any, get, post};
use secrecy::SecretString;
use service::{Background, BoxError, Part};
use storage::{DatabaseUrl, Db};
use values::Clock;

use crate::api::ActiveKeys;
use crate::behaviour::BehaviourControl;
use crate::objects::Origin;
use crate::unit_of_work::UnitOfWork;
use crate::webhooks::Dispatcher;

/// The settings of the double.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// The database: sqlite:PATH
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/stripe-double.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
    /// The secret key of the API
    #[arg(
        long,
        env = "STOA_STRIPE_KEY",
        default_value = "sk_test_stoa",
        hide_env_values = true
    )]
    pub stripe_key: SecretString,
    /// The secret with which webhooks are signed
    #[arg(
        long,
        env = "STOA_STRIPE_WEBHOOK_SECRET",
        default_value = "whsec_stoa",
        hide_env_values = true
    )]
    pub webhook_secret: SecretString,
    /// The URL to which webhooks are sent
    #[arg(
        long,
        env = "STOA_WEBHOOK_URL",
        default_value = "http://127.0.0.1:4107/webhooks/stripe"
    )]
    pub webhook_url: String,
    /// The double's own URL for browsers; by default, the URL under which the API was called
    #[arg(long, env = "STOA_PUBLIC_URL", default_value = "http://127.0.0.1:4108")]
    pub public_url: Option<String>,
    /// The first pause in milliseconds before a failed webhook is sent again; it doubles each time, up to a minute
    #[arg(long, env = "STOA_WEBHOOK_RETRY_MS", default_value_t = 500)]
    pub webhook_retry_ms: u64,
}

/// The state shared by all handlers.
#[derive(Clone, Debug)]
pub struct App {
    db: Db,
    clock: Clock,
    key: SecretString,
    public_url: Option<Arc<str>>,
    behaviour: Arc<BehaviourControl>,
    active_keys: ActiveKeys,
    dispatcher: Dispatcher,
    _sweeps: [Background; 2],
    _sender: Background,
}

impl App {
    /// Begins a unit of work.
    async fn work(&self, origin: Origin) -> Result<UnitOfWork, storage::Error> {
        UnitOfWork::begin(&self.db, origin, self.behaviour.current(), &self.clock).await
    }

    /// Commits a unit of work, and wakes the dispatcher for its events.
    async fn commit(&self, work: UnitOfWork) -> Result<Vec<i64>, storage::Error> {
        let events = work.commit().await?;
        self.dispatcher.wake();
        Ok(events)
    }
}

impl Part for App {
    const NAME: &'static str = "stripe-double";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4108";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let db = store::open(config.database_url).await?;
        let clock = Clock::system();
        let behaviour = Arc::new(BehaviourControl::open(&db).await?);
        let dispatcher = Dispatcher::new(
            db.clone(),
            Arc::clone(&behaviour),
            &config.webhook_url,
            config.webhook_secret,
            config.webhook_retry_ms,
            clock.clone(),
        )?;
        let public_url = config
            .public_url
            .map(|url| url.trim_end_matches('/').to_lowercase().into());
        Ok(Self {
            key: config.stripe_key,
            public_url,
            behaviour,
            active_keys: ActiveKeys::default(),
            _sweeps: sweep::start(&db, dispatcher.clone()),
            _sender: webhooks::start(dispatcher.clone()),
            db,
            clock,
            dispatcher,
        })
    }

    fn router(self) -> axum::Router {
        axum::Router::new()
            .route("/v1/{*path}", any(api::answer))
            .route("/c/pay/{session}", get(page::show).post(page::pay))
            .route(
                "/double/behaviour",
                get(control::behaviour).put(control::update_behaviour),
            )
            .route("/double/sessions", get(control::sessions))
            .route("/double/sessions/{id}/lapse", post(control::expire_session))
            .route("/double/requests", get(control::requests))
            .route("/double/charges", get(control::charges))
            .route("/double/refunds/{id}", post(control::settle))
            .fallback(api::unrecognized)
            .with_state(self)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        Ok(self.db.ping().await?)
    }
}
