//! Payments through its HTTP interfaces, on every database.

#![expect(
    clippy::disallowed_methods,
    reason = "a test waits for its tasks, and sees what becomes of them"
)]

mod causes;
mod challenge;
mod contract;
mod crash;
mod events;
mod fake_provider;
mod hosted_page;
mod invoice;
mod ledger;
mod localstripe;
mod migrations;
mod payment_methods;
mod payments;
mod provider;
mod providers;
mod public;
mod races;
mod refunds;
mod stripe;
mod sweep;
mod webhooks;
mod worker;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use ::payments::provider::{Provider, Providers, Settings};
use ::payments::{App, Config, Timing};
use serde_json::{Value, json};
use service::Part;
use storage::Db;
use testkit::{Database, Running};
use uuid::Uuid;
use values::Clock;

const GOOD: &str = "4242 4242 4242 4242";
const DECLINED: &str = "4000000000000002";
const EMPTY: &str = "4000000000009995";

/// Payments with its internal API and its public listener.
struct TestApp {
    internal: Running,
    public: Running,
    /// The secret of the test provider's webhooks
    secret: String,
}

impl Deref for TestApp {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.internal
    }
}

impl TestApp {
    async fn open(app: App, secret: &str) -> Self {
        Self {
            public: Running::start(app.public()).await,
            internal: Running::start(app).await,
            secret: secret.to_owned(),
        }
    }
}

/// The generated secret of the test provider's webhooks.
async fn secret(database: &Database) -> String {
    let db = Db::open(database.url.clone()).await.expect("a database");
    let sql = "select value from secrets where name = 'test-bank'";
    let (secret,): (String,) = storage::fetch_one!(&db, sql).expect("a secret");
    secret
}

/// Payments with the built-in provider, on each database.
async fn apps() -> Vec<(TestApp, Database)> {
    let mut apps = Vec::new();
    for database in testkit::databases().await {
        let config = Config {
            database_url: database.url.clone(),
            public_listen: "127.0.0.1:0".parse().expect("an address"),
            providers: Settings::test(),
            provider_timeout_ms: 12_000,
            worker_ms: 20,
            events: ::events::Settings::default(),
        };
        let app = App::start(config).await.expect("payments");
        let app = TestApp::open(app, &secret(&database).await).await;
        apps.push((app, database));
    }
    apps
}

/// The worker does not run during a test.
const IDLE_WORKER: Timing = Timing {
    timeout: Duration::from_secs(12),
    interval: Duration::from_mins(10),
};

/// Payments with the test's own provider, on one database and without the worker.
async fn app_with_provider(database: &Database, provider: Arc<dyn Provider>) -> TestApp {
    app_with_timing(database, provider, IDLE_WORKER).await
}

/// Payments with the test's own provider and timing.
async fn app_with_timing(database: &Database, provider: Arc<dyn Provider>, timing: Timing) -> TestApp {
    start_app(database, |_| Providers::from(provider), timing).await
}

/// Payments with the providers of these settings, on one database.
async fn app_with_settings(database: &Database, settings: &Settings, timing: Timing) -> TestApp {
    start_app(
        database,
        |db| settings.open(db, SECRET.into()).expect("providers"),
        timing,
    )
    .await
}

async fn start_app(database: &Database, providers: impl FnOnce(&Db) -> Providers, timing: Timing) -> TestApp {
    let events = ::events::Settings::default();
    let app = App::new(database.url.clone(), providers, timing, &events, Clock::system()).await;
    TestApp::open(app.expect("payments"), SECRET).await
}

/// The secret of the test provider's webhooks where the test chooses it.
const SECRET: &str = "whsec_test";

/// Waits until a payment is as expected, and returns it.
async fn until(app: &Running, payment: &str, what: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..1000 {
        let (_, found) = app.get(payment).await;
        if what(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} stays {}", payment, app.get(payment).await.1);
}

/// A request for a payment method with a card.
fn card(number: &str) -> Value {
    json!({ "provider": "test", "card": { "number": number, "expiry": "12/49", "cvc": "123" } })
}

/// Creates a payment method, and returns its id.
async fn create_method(app: &Running, number: &str) -> String {
    let (status, method) = app.post("/payment-methods", "unused", &card(number)).await;
    assert_eq!(status, 201, "{method}");
    method["id"].as_str().expect("an id").to_owned()
}

/// A request for a payment of 48 €.
fn payment_request(order: Uuid, method: &str) -> Value {
    json!({ "order": order, "amount": { "minor": 4800, "currency": "EUR" }, "payment_method": method })
}

/// Creates an authorised payment, and returns its path.
async fn authorise(app: &Running) -> String {
    let body = payment_request(Uuid::new_v4(), &create_method(app, GOOD).await);
    let (status, payment) = app.post("/payments", &Uuid::new_v4().to_string(), &body).await;
    assert_eq!(status, 201, "{payment}");
    format!("/payments/{}", payment["id"].as_str().expect("an id"))
}

/// Captures, voids or expires a payment.
async fn change(app: &Running, payment: &str, change: &str) -> (u16, Value) {
    let (status, answer) = app.post(&format!("{payment}/{change}"), "unused", &Value::Null).await;
    (status.as_u16(), answer)
}

/// Captures a part of a payment.
async fn capture(app: &Running, payment: &str, minor: i64) -> (u16, Value) {
    let body = json!({ "amount": { "minor": minor, "currency": "EUR" } });
    let (status, answer) = app.post(&format!("{payment}/capture"), "unused", &body).await;
    (status.as_u16(), answer)
}

/// Refunds a part of a payment.
async fn refund(app: &Running, payment: &str, key: &str, minor: i64) -> (u16, Value) {
    let body = json!({ "amount": { "minor": minor, "currency": "EUR" } });
    let (status, answer) = app.post(&format!("{payment}/refunds"), key, &body).await;
    (status.as_u16(), answer)
}

/// The type of a problem document.
fn kind(problem: &Value) -> &str {
    problem["type"].as_str().expect("a problem")
}

/// The pointer of a problem document's first error.
fn pointer(problem: &Value) -> &str {
    problem["errors"][0]["pointer"].as_str().unwrap_or_default()
}
