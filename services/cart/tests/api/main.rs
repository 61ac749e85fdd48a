//! Carts through their public door.

mod carts;
mod contract;
mod lines;

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

use cart::{App, Config};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::Running;

/// When every test begins.
static BEGUN: LazyLock<DateTime<Utc>> = LazyLock::new(|| DateTime::from_timestamp(1_900_000_000, 0).expect("a moment"));

/// A clock that a test can put forward.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn forward(&self, time: TimeDelta) {
        let micros = time.num_microseconds().expect("a short time");
        self.0.fetch_add(micros, Ordering::Relaxed);
    }

    fn read(&self) -> DateTime<Utc> {
        *BEGUN + TimeDelta::microseconds(self.0.load(Ordering::Relaxed))
    }
}

async fn open(file: &Path, clock: Clock) -> Running {
    let store_url = format!("redb:{}", file.display()).parse().expect("an address");
    let app = App::open(Config { store_url }, Arc::new(move || clock.read())).await;
    Running::start(app.expect("a store")).await
}

/// Carts in a folder that goes when it is dropped.
async fn carts() -> (Running, Clock, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Clock::default();
    (
        open(&folder.path().join("cart.redb"), clock.clone()).await,
        clock,
        folder,
    )
}

/// The address of a new cart.
async fn create(carts: &Running) -> String {
    let (status, cart) = carts.post("/carts", "any", &Value::Null).await;
    assert_eq!(status, 201, "{cart}");
    format!("/carts/{}", cart["id"].as_str().expect("an id"))
}

async fn add(carts: &Running, cart: &str, sku: &str, quantity: i64) -> (u16, Value) {
    let line = json!({ "sku": sku, "quantity": quantity });
    let (status, answer) = carts.post(&format!("{cart}/lines"), "any", &line).await;
    (status.as_u16(), answer)
}

async fn set(carts: &Running, cart: &str, sku: &str, quantity: i64) -> (u16, Value) {
    let amount = json!({ "quantity": quantity });
    let (status, answer) = carts.put(&format!("{cart}/lines/{sku}"), &amount).await;
    (status.as_u16(), answer)
}

/// What is in a cart.
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
