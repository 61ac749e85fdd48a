#![doc = include_str!("../README.md")]

mod compose;
mod discovery;
mod error;
mod esi;
mod http;
mod response;
mod security;
mod tunnel;
mod upstream;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderValue;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use page::Assets;
use service::{BoxError, Problem};
use tower_http::compression::CompressionLayer;

pub use crate::discovery::{Discovery, Route};
pub use crate::esi::{Node, ParseError, parse};
pub use crate::upstream::Upstream;

/// The shell's settings.
#[derive(clap::Args, Clone, Debug)]
pub struct Config {
    /// The discovery document: the frontends, their addresses and their paths
    #[arg(long, env = "STOA_DISCOVERY", default_value = "deploy/discovery.json")]
    pub discovery: PathBuf,
    /// Folder of the built shared assets
    #[arg(long, env = "STOA_ASSETS", default_value = "target/frontends/shell")]
    pub assets: PathBuf,
    /// Timeout of a page, in milliseconds
    #[arg(long, env = "STOA_PAGE_TIMEOUT_MS", default_value_t = 3000)]
    pub page_timeout_ms: u64,
    /// Timeout of all fragments of a page together, in milliseconds; after it their fallbacks are shown
    #[arg(long, env = "STOA_FRAGMENT_TIMEOUT_MS", default_value_t = 250)]
    pub fragment_timeout_ms: u64,
    /// Seconds after which a silent WebSocket is closed; BFFs send a ping every 20 seconds
    #[arg(long, env = "STOA_SOCKET_IDLE_SECONDS", default_value_t = 60)]
    pub socket_idle_seconds: u64,
}

/// The running shell.
#[derive(Clone)]
pub struct App(Arc<State>);

struct State {
    discovery: Discovery,
    assets: Assets,
    upstream: Upstream,
    head: bytes::Bytes,
    error_pages: error::ErrorPages,
    /// The `Speculation-Rules` header: which links browsers may prefetch
    speculation: Option<HeaderValue>,
    page_timeout: Duration,
    fragment_timeout: Duration,
    socket_idle: Duration,
}

impl service::Part for App {
    const NAME: &'static str = "shell";
    const ABOUT: &'static str = "The edge of the shop: routes requests and composes pages out of fragments";
    const LISTEN: &'static str = "127.0.0.1:4000";
    const IS_EDGE: bool = true;
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let assets = Assets::load("shell", &config.assets)?;
        let head = http::head(&assets).into();
        Ok(Self(Arc::new(State {
            discovery: Discovery::load(&config.discovery)?,
            error_pages: error::ErrorPages::new(&assets, &head),
            head,
            speculation: http::speculation(&assets),
            assets,
            upstream: Upstream::new()?,
            page_timeout: Duration::from_millis(config.page_timeout_ms),
            fragment_timeout: Duration::from_millis(config.fragment_timeout_ms),
            socket_idle: Duration::from_secs(config.socket_idle_seconds),
        })))
    }

    fn router(self) -> Router {
        Router::new()
            .route("/shell/fragments/head", get(http::show_head))
            .route("/assets/{*file}", get(http::show_asset))
            .route("/favicon.ico", get(http::show_icon))
            .route("/robots.txt", get(http::show_robots))
            .merge(self.0.assets.routes())
            .fallback(http::forward)
            .layer(middleware::from_fn(security::middleware))
            .layer(CompressionLayer::new())
            .with_state(self)
    }

    fn error_response(&self, problem: Problem, wants_html: bool) -> Response {
        let mut response = if wants_html {
            self.0.error_pages.page(problem)
        } else {
            problem.into_response()
        };
        security::secure(response.headers_mut());
        response
    }
}
