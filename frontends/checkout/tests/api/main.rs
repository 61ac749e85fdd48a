//! Tests of the frontend's HTTP interface, with a double that keeps to its BFF's contract.

mod cart;
mod checkout;
mod fragments;
mod orders;
mod payment;

use checkout_frontend::{App, Config};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use service::Part;
use tempfile::TempDir;
use testkit::{Contract, Double, Running, check_file};

/// The frontend and a double of its BFF.
struct Shop {
    frontend: Running,
    bff: Double,
    _assets: TempDir,
}

impl Shop {
    async fn open() -> Self {
        let bff = Double::of("bffs/checkout").await;
        let url = bff.url();
        Self::with_bff_at(bff, &url).await
    }

    /// The same, with a BFF at another address.
    async fn with_bff_at(bff: Double, url: &str) -> Self {
        let assets = tempfile::tempdir().expect("a folder");
        for file in ["style.css", "islands.js"] {
            std::fs::write(assets.path().join(file), "").expect("a file");
        }
        let config = Config {
            bff_url: url.parse().expect("an address"),
            assets: assets.path().to_owned(),
        };
        Self {
            frontend: Running::start(App::start(config).await.expect("a frontend")).await,
            bff,
            _assets: assets,
        }
    }

    async fn page(&self, path: &str) -> (u16, String) {
        let (status, html) = self.frontend.page(path).await;
        (status.as_u16(), html)
    }

    /// Posts a form; returns status and page.
    async fn submit(&self, path: &str, fields: &str) -> (u16, String) {
        let response = self.frontend.submit(path, fields).await;
        (response.status().as_u16(), response.text().await.expect("a page"))
    }

    /// Posts a change of the vase in the cart.
    async fn change(&self, fields: &str) -> Response {
        let fields = format!("sku=onda-vase-sand&{fields}");
        self.frontend.submit("/cart/lines/change", &fields).await
    }

    async fn check(&self, path: &str, status: u16, snapshot: &str) {
        let (answered, html) = self.page(path).await;
        assert_eq!(answered, status, "{path}");
        check(snapshot, &html);
    }

    async fn get(&self, path: &str) -> Response {
        self.frontend
            .request(Method::GET, path)
            .send()
            .await
            .expect("an answer")
    }

    async fn rejects(&self, method: &str, path: &str, status: u16, problem: &Value) {
        self.bff.answers(method, path, status, problem).await;
    }
}

/// The BFF's documented response.
fn documented(method: &str, path: &str, status: u16) -> Value {
    Contract::of("bffs/checkout").answer(method, path, status)
}

/// A problem document with one error.
fn problem(kind: &str, status: u16, detail: &str, pointer: &str, error: &str) -> Value {
    json!({
        "type": format!("urn:problem:{kind}"),
        "title": kind,
        "status": status,
        "detail": detail,
        "errors": [{ "pointer": pointer, "detail": error }],
    })
}

/// The idempotency keys of a page's forms.
fn keys(html: &str) -> Vec<&str> {
    let values = html.split("name=\"key\" value=\"").skip(1);
    let keys = values.filter_map(|rest| rest.split('"').next());
    keys.filter(|key| !key.is_empty()).collect()
}

fn without_keys(html: &str) -> String {
    keys(html)
        .into_iter()
        .fold(html.to_owned(), |html, key| html.replace(key, "KEY"))
}

/// Compares a page with its snapshot: one tag per line, without the hashes of assets and islands.
fn check(snapshot: &str, html: &str) {
    let marks = [
        "data-version=\"",
        "data-component=\"AddToCart_",
        "data-component=\"MiniCart_",
    ];
    let html = marks
        .iter()
        .filter_map(|mark| html.split(mark).nth(1)?.split('"').next())
        .fold(html.to_owned(), |html, hash| html.replace(hash, "HASH"));
    let html = without_keys(&html);
    let html = html.replace("><", ">\n<") + "\n";
    check_file(&format!("frontends/checkout/tests/api/pages/{snapshot}.html"), &html);
}
