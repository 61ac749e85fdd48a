//! The public listener, which providers and browsers reach. It serves webhooks, returns and the test bank's page only.

use std::net::SocketAddr;

use axum::routing::{get, post};
use service::{BoxError, Part, Problem, Server};

use crate::App;
use crate::http::{returns, test_bank, webhooks};

/// The application behind the public listener.
#[derive(Clone, Debug)]
pub struct PublicApp(pub(crate) App);

/// No settings: [`crate::Config`] has those of the public listener.
#[derive(clap::Args, Debug)]
pub struct NoSettings {}

impl PublicApp {
    /// Starts the public listener.
    pub async fn listen(app: App, address: SocketAddr) -> Result<Server, BoxError> {
        let server = service::serve(Self(app), service::listen(address).await?)?;
        tracing::info!(address = %server.address, "the public listener is open");
        Ok(server)
    }
}

impl Part for PublicApp {
    const NAME: &'static str = "payments-public";
    const ABOUT: &'static str = "The public listener of payments, for providers and browsers.";
    const LISTEN: &'static str = "127.0.0.1:4107";
    const IS_EDGE: bool = true;
    const IS_MONITORED: bool = false;
    type Config = NoSettings;

    async fn start(_config: NoSettings) -> Result<Self, BoxError> {
        Err("the public listener is started by payments".into())
    }

    fn router(self) -> axum::Router {
        axum::Router::new()
            .route("/webhooks/{provider}", post(webhooks::create))
            .route("/returns/{payment}", get(returns::get))
            .route("/test-bank/{id}", get(test_bank::get).post(test_bank::create))
            .fallback(async || Problem::not_found("There is nothing at this address."))
            .with_state(self.0)
    }
}
