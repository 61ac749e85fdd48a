#![doc = include_str!("../README.md")]

mod bff;
mod fragments;
mod http;
mod pages;

use std::path::PathBuf;

use axum::Router;
use axum::routing::{get, post};
use page::Assets;
use service::{BaseUrl, BoxError, Client, Part};

use crate::bff::Bff;
use crate::http::{cart, checkout, orders};

/// The checkout frontend's own settings.
#[derive(clap::Args, Debug)]
pub struct Config {
    /// Address of the BFF
    #[arg(long, env = "STOA_BFF_URL", default_value = "http://127.0.0.1:4203")]
    pub bff_url: BaseUrl,
    /// Folder with the style sheet and the islands
    #[arg(long, env = "STOA_ASSETS", default_value = "target/frontends/checkout")]
    pub assets: PathBuf,
}

/// The state shared by all handlers.
#[derive(Clone, Debug)]
pub struct App {
    bff: Bff,
    assets: Assets,
}

impl Part for App {
    const NAME: &'static str = "checkout-frontend";
    const ABOUT: &'static str = env!("CARGO_PKG_DESCRIPTION");
    const LISTEN: &'static str = "127.0.0.1:4303";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        Ok(Self {
            bff: Bff::new(Client::new("checkout-bff", config.bff_url)),
            assets: Assets::load("checkout", &config.assets)?,
        })
    }

    fn router(self) -> Router {
        router().merge(self.assets.routes()).with_state(self)
    }
}

/// All routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/cart", get(cart::get))
        .route("/cart/lines", post(cart::create))
        .route("/cart/lines/change", post(cart::update))
        .route("/checkout", get(checkout::get).post(checkout::create))
        .route("/orders/{id}", get(orders::get))
        .route("/orders/{id}/cancellation", post(orders::cancel))
        .route("/checkout/fragments/mini-cart", get(http::fragments::mini_cart))
        .route("/checkout/fragments/add-to-cart", get(http::fragments::add_to_cart))
        .fallback(http::not_found)
}
