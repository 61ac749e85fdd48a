//! The frontend's pages, with a double of the BFF that follows its contract.

mod fragments;
mod pages;
mod search;
mod stores;

use explore_frontend::{App, Config};
use reqwest::{Method, header::HeaderMap};
use service::Part;
use tempfile::TempDir;
use testkit::{Double, Running, check_file};

/// The frontend and its BFF.
struct Shop {
    frontend: Running,
    bff: Double,
    _assets: TempDir,
}

impl Shop {
    async fn open() -> Self {
        let bff = Double::of("bffs/explore").await;
        let assets = tempfile::tempdir().expect("a folder");
        std::fs::write(assets.path().join("style.css"), "").expect("a file");
        let config = Config {
            bff_url: bff.url().parse().expect("an address"),
            assets: assets.path().to_owned(),
        };
        Self {
            frontend: Running::start(App::start(config).await.expect("a frontend")).await,
            bff,
            _assets: assets,
        }
    }

    /// A page with one tag for each line and without the hash of its assets.
    async fn page(&self, path: &str) -> (u16, String) {
        let (status, html) = self.frontend.page(path).await;
        let version = html
            .split("data-version=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let html = html.replace(version.expect("a version"), "HASH");
        (status.as_u16(), html.replace("><", ">\n<") + "\n")
    }

    async fn check(&self, path: &str, status: u16, snapshot: &str) {
        let (answered, html) = self.page(path).await;
        assert_eq!(answered, status, "{path}");
        check_file(&format!("frontends/explore/tests/api/pages/{snapshot}.html"), &html);
    }

    async fn headers(&self, path: &str) -> HeaderMap {
        let response = self
            .frontend
            .request(Method::GET, path)
            .send()
            .await
            .expect("an answer");
        response.headers().clone()
    }
}
