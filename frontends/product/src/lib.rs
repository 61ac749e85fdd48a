#![doc = include_str!("../README.md")]

mod bff;
mod http;
mod pages;

use std::path::PathBuf;

use axum::Router;
use axum::routing::get;
use page::Assets;
use service::{BaseUrl, BoxError, Client, Part};

use crate::bff::Bff;
use crate::http as products;

/// The product frontend's own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Address of the product BFF
    #[arg(long, env = "STOA_BFF_URL", default_value = "http://127.0.0.1:4202")]
    pub bff_url: BaseUrl,
    /// Folder with the style sheet and the islands
    #[arg(long, env = "STOA_ASSETS", default_value = "target/frontends/product")]
    pub assets: PathBuf,
}

/// The state that handlers share.
#[derive(Clone, Debug)]
pub struct App {
    bff: Bff,
    assets: Assets,
}

impl Part for App {
    const NAME: &'static str = "product-frontend";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4302";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        Ok(Self {
            bff: Bff::new(Client::new("product-bff", config.bff_url)),
            assets: Assets::load("product", &config.assets)?,
        })
    }

    fn router(self) -> Router {
        router().merge(self.assets.routes()).with_state(self)
    }
}

/// All routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/product/{slug}", get(products::get))
        .fallback(products::missing)
}
