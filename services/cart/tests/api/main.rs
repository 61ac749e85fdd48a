//! Cart's HTTP API, with a redb file and, if it is installed, with Redis.

#![expect(
    clippy::disallowed_methods,
    reason = "a test waits for its tasks, and checks their results"
)]

mod carts;
mod conditions;
mod contract;
mod crashes;
mod lines;
mod merges;
mod orders;
mod replicas;

use std::sync::LazyLock;

use cart::{App, Config};
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Redis, Running, TestClock, encoded};

/// The time at which every test begins.
static START: LazyLock<DateTime<Utc>> = LazyLock::new(|| DateTime::from_timestamp(1_900_000_000, 0).expect("a moment"));

async fn open(url: &str, clock: &TestClock) -> Running {
    let store_url = url.parse().expect("an address");
    let app = App::open(Config { store_url }, clock.clock()).await;
    Running::start(app.expect("a store")).await
}

/// The cart service on one store.
struct Shop {
    carts: Running,
    clock: TestClock,
    url: String,
    redis: Option<Redis>,
    folder: Option<TempDir>,
}

impl Shop {
    async fn in_file() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("redb:{}", folder.path().join("cart.redb").display());
        let clock = TestClock::stopped_at(*START);
        Self {
            carts: open(&url, &clock).await,
            clock,
            url,
            redis: None,
            folder: Some(folder),
        }
    }

    async fn in_redis() -> Option<Self> {
        let redis = Redis::start().await?;
        let (url, clock) = (redis.url(), TestClock::stopped_at(*START));
        Some(Self {
            carts: open(&url, &clock).await,
            clock,
            url,
            redis: Some(redis),
            folder: None,
        })
    }
}

/// The service on every store.
async fn shops() -> Vec<Shop> {
    let mut shops = vec![Shop::in_file().await];
    shops.extend(Shop::in_redis().await);
    shops
}

/// Creates a cart and returns its path.
async fn create(carts: &Running) -> String {
    let (status, cart) = send(carts, Method::POST, "/carts", None).await;
    assert_eq!(status, 201, "{cart}");
    format!("/carts/{}", cart["id"].as_str().expect("an id"))
}

/// A request without an idempotency key.
async fn send(carts: &Running, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
    let mut request = carts.request(method, path);
    if let Some(body) = body {
        request = request.json(body);
    }
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

async fn add(carts: &Running, cart: &str, sku: &str, quantity: i64) -> (u16, Value) {
    let line = json!({ "sku": sku, "quantity": quantity });
    send(carts, Method::POST, &format!("{cart}/lines"), Some(&line)).await
}

async fn set(carts: &Running, cart: &str, sku: &str, quantity: i64) -> (u16, Value) {
    let body = json!({ "quantity": quantity });
    send(
        carts,
        Method::PUT,
        &format!("{cart}/lines/{}", encoded(sku)),
        Some(&body),
    )
    .await
}

/// The SKU and quantity of each line.
fn lines(cart: &Value) -> Vec<(&str, u64)> {
    let lines = cart["lines"].as_array().into_iter().flatten();
    lines
        .filter_map(|line| Some((line["sku"].as_str()?, line["quantity"].as_u64()?)))
        .collect()
}

/// The pointers of a problem document's errors.
fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors.filter_map(|error| error["pointer"].as_str()).collect()
}
