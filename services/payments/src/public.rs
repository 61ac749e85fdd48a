//! The public door: what providers and browsers reach. Nothing else of payments is there, whatever is asked for.

use std::net::SocketAddr;

use axum::routing::{get, post};
use service::{BoxError, Part, Problem, Server};

use crate::App;
use crate::http::{returns, test_bank, webhooks};

/// The door.
#[derive(Clone, Debug)]
pub struct Public(pub(crate) App);

/// It has no settings of its own.
#[derive(clap::Args, Debug)]
pub struct Nothing {}

impl Public {
    /// Opens it.
    pub async fn open(app: App, listen: SocketAddr) -> Result<Server, BoxError> {
        let server = service::serve(Self(app), service::listen(listen).await?)?;
        tracing::info!(address = %server.address, "the public door is open");
        Ok(server)
    }
}

impl Part for Public {
    const NAME: &'static str = "payments-public";
    const ABOUT: &'static str = "What providers and browsers reach of payments.";
    const LISTEN: &'static str = "127.0.0.1:4107";
    const IS_EDGE: bool = true;
    const IS_WATCHED: bool = false;
    type Config = Nothing;

    async fn start(_config: Nothing) -> Result<Self, BoxError> {
        Err("it is opened by payments".into())
    }

    fn router(self) -> axum::Router {
        axum::Router::new()
            .route("/webhooks/{provider}", post(webhooks::create))
            .route("/returns/{payment}", get(returns::get))
            .route("/test-bank/{name}", get(test_bank::get).post(test_bank::create))
            .fallback(async || Problem::not_found("There is nothing at this address."))
            .with_state(self.0)
    }
}
