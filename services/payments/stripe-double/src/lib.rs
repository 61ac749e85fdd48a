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
mod webhooks;
mod work;

use std::sync::Arc;

use axum::routing::{any, get, post};
use secrecy::SecretString;
use service::{Background, BoxError, Part};
use storage::{DatabaseUrl, Db};

use crate::api::Keys;
use crate::behaviour::Desk;
use crate::objects::Origin;
use crate::webhooks::Postman;
use crate::work::Work;

/// The double's own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Where its data is: sqlite:PATH
    #[arg(
        long,
        env = "STOA_DATABASE_URL",
        default_value = "sqlite:target/shop/data/stripe-double.db",
        hide_env_values = true
    )]
    pub database_url: DatabaseUrl,
    /// The secret key that callers of the API have to know
    #[arg(
        long,
        env = "STOA_STRIPE_KEY",
        default_value = "sk_test_stoa",
        hide_env_values = true
    )]
    pub stripe_key: SecretString,
    /// What webhooks are signed with
    #[arg(
        long,
        env = "STOA_STRIPE_WEBHOOK_SECRET",
        default_value = "whsec_stoa",
        hide_env_values = true
    )]
    pub webhook_secret: SecretString,
    /// Where webhooks are sent
    #[arg(
        long,
        env = "STOA_WEBHOOK_URL",
        default_value = "http://127.0.0.1:4107/webhooks/stripe"
    )]
    pub webhook_url: String,
    /// Its own address as browsers reach it; without one, as the caller of the API does
    #[arg(long, env = "STOA_PUBLIC_URL", default_value = "http://127.0.0.1:4108")]
    pub public_url: Option<String>,
    /// Milliseconds before a webhook that has not arrived is sent again; the pause doubles, to a minute
    #[arg(long, env = "STOA_WEBHOOK_RETRY_MS", default_value_t = 500)]
    pub webhook_retry_ms: u64,
}

/// What every handler works with.
#[derive(Clone, Debug)]
pub struct App {
    db: Db,
    key: SecretString,
    public_url: Option<Arc<str>>,
    desk: Arc<Desk>,
    keys: Keys,
    postman: Postman,
    _sweeps: [Background; 2],
    _round: Background,
}

impl App {
    /// Begins a change.
    async fn work(&self, origin: Origin) -> Result<Work, storage::Error> {
        Work::begin(&self.db, origin, self.desk.now()).await
    }

    /// Commits a change, and tells of it.
    async fn tell(&self, work: Work) -> Result<Vec<i64>, storage::Error> {
        let told = work.commit().await?;
        self.postman.ring();
        Ok(told)
    }
}

impl Part for App {
    const NAME: &'static str = "stripe-double";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4108";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let db = store::open(config.database_url).await?;
        let desk = Arc::new(Desk::open(&db).await?);
        let postman = Postman::new(
            db.clone(),
            Arc::clone(&desk),
            &config.webhook_url,
            config.webhook_secret,
            config.webhook_retry_ms,
        )?;
        let public_url = config
            .public_url
            .map(|url| url.trim_end_matches('/').to_lowercase().into());
        Ok(Self {
            key: config.stripe_key,
            public_url,
            desk,
            keys: Keys::default(),
            _sweeps: sweep::start(&db, postman.clone()),
            _round: webhooks::start(postman.clone()),
            db,
            postman,
        })
    }

    fn router(self) -> axum::Router {
        axum::Router::new()
            .route("/v1/{*path}", any(api::answer))
            .route("/c/pay/{session}", get(page::show).post(page::pay))
            .route("/double/behaviour", get(control::behaviour).put(control::behave))
            .route("/double/sessions", get(control::sessions))
            .route("/double/sessions/{id}/lapse", post(control::lapse))
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
