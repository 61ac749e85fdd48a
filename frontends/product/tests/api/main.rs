//! The frontend's HTTP interface, with a double of its BFF that keeps the contract.

mod products;

use product_frontend::{App, Config};
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
        let bff = Double::of("bffs/product").await;
        let assets = tempfile::tempdir().expect("a folder");
        for file in ["style.css", "islands.js"] {
            std::fs::write(assets.path().join(file), "").expect("a file");
        }
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

    /// Gets a page with one tag per line, with the hashes of assets and of the island's source replaced.
    async fn page(&self, path: &str) -> (u16, String) {
        let (status, html) = self.frontend.page(path).await;
        let html = ["data-version=\"", "data-component=\"VariantPicker_"]
            .iter()
            .filter_map(|mark| html.split(mark).nth(1)?.split('"').next())
            .fold(html.clone(), |html, hash| html.replace(hash, "HASH"));
        (status.as_u16(), html.replace("><", ">\n<") + "\n")
    }

    async fn check(&self, path: &str, status: u16, snapshot: &str) {
        let (answered, html) = self.page(path).await;
        assert_eq!(answered, status, "{path}");
        check_file(&format!("frontends/product/tests/api/pages/{snapshot}.html"), &html);
    }
}
