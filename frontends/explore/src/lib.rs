#![doc = include_str!("../README.md")]

mod bff;
mod card;
mod fragments;
mod http;
mod pages;

use std::path::PathBuf;

use axum::Router;
use axum::routing::get;
use page::Assets;
use service::{BaseUrl, BoxError, Client, Part};

use crate::bff::Bff;

/// The explore frontend's settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Address of the BFF
    #[arg(long, env = "STOA_BFF_URL", default_value = "http://127.0.0.1:4201")]
    pub bff_url: BaseUrl,
    /// Folder with the style sheet
    #[arg(long, env = "STOA_ASSETS", default_value = "target/frontends/explore")]
    pub assets: PathBuf,
}

/// State shared by all handlers.
#[derive(Clone, Debug)]
pub struct App {
    bff: Bff,
    assets: Assets,
}

impl Part for App {
    const NAME: &'static str = "explore-frontend";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4301";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        Ok(Self {
            bff: Bff::new(Client::new("explore-bff", config.bff_url)),
            assets: Assets::load("explore", &config.assets)?,
        })
    }

    fn router(self) -> Router {
        router().merge(self.assets.routes()).with_state(self)
    }
}

/// All routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(http::home))
        .route("/category/{slug}", get(http::category))
        .route("/search", get(http::search))
        .route("/stores", get(http::stores))
        .route("/explore/fragments/recommendations", get(http::recommendations))
        .route("/explore/fragments/header", get(http::header))
        .route("/explore/fragments/footer", get(http::footer))
        .fallback(http::missing)
}
