//! Payments through their public door, on every database there is.

#![expect(
    clippy::disallowed_methods,
    reason = "a test waits for its tasks, and sees what becomes of them"
)]

mod bank;
mod causes;
mod challenge;
mod contract;
mod crash;
mod events;
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

const GOOD: &str = "4242 4242 4242 4242";
const DECLINED: &str = "4000000000000002";
const EMPTY: &str = "4000000000009995";

/// Payments: what the shop reaches, and what providers and browsers reach.
struct Till {
    inside: Running,
    outside: Running,
    /// Signs the test provider's webhooks
    secret: String,
}

impl Deref for Till {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.inside
    }
}

impl Till {
    async fn open(app: App, secret: &str) -> Self {
        Self {
            outside: Running::start(app.public()).await,
            inside: Running::start(app).await,
            secret: secret.to_owned(),
        }
    }
}

/// The secret of a shop whose secret nobody has chosen.
async fn secret(database: &Database) -> String {
    let db = Db::open(database.url.clone()).await.expect("a database");
    let sql = "select value from secrets where name = 'test-bank'";
    let (secret,): (String,) = storage::fetch_one!(&db, sql).expect("a secret");
    secret
}

/// Payments with the built-in provider on each database.
async fn tills() -> Vec<(Till, Database)> {
    let mut tills = Vec::new();
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
        let till = Till::open(app, &secret(&database).await).await;
        tills.push((till, database));
    }
    tills
}

/// Time enough for everything.
const PATIENT: Timing = Timing {
    limit: Duration::from_secs(12),
    pause: Duration::from_mins(10),
};

/// Payments with a provider of the test's, on one database, and with a worker that never comes.
async fn till(database: &Database, provider: Arc<dyn Provider>) -> Till {
    till_in_time(database, provider, PATIENT).await
}

/// Likewise, with this timing.
async fn till_in_time(database: &Database, provider: Arc<dyn Provider>, timing: Timing) -> Till {
    till_with(database, |_| Providers::from(provider), timing).await
}

/// Payments with the providers of these settings, on one database.
async fn till_of(database: &Database, settings: &Settings, timing: Timing) -> Till {
    till_with(
        database,
        |db| settings.open(db, SECRET.into()).expect("providers"),
        timing,
    )
    .await
}

async fn till_with(database: &Database, providers: impl FnOnce(&Db) -> Providers, timing: Timing) -> Till {
    let events = ::events::Settings::default();
    let app = App::new(database.url.clone(), providers, timing, &events).await;
    Till::open(app.expect("payments"), SECRET).await
}

/// The secret of a shop whose secret the test has chosen.
const SECRET: &str = "whsec_test";

/// Waits until a payment is what it should be, and gives it.
async fn until(till: &Running, payment: &str, what: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..1000 {
        let (_, found) = till.get(payment).await;
        if what(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} stays {}", payment, till.get(payment).await.1);
}

/// A wish for a payment method of a card.
fn card(number: &str) -> Value {
    json!({ "provider": "test", "card": { "number": number, "expiry": "12/49", "cvc": "123" } })
}

/// The id of a new payment method.
async fn method(till: &Running, number: &str) -> String {
    let (status, method) = till.post("/payment-methods", "unused", &card(number)).await;
    assert_eq!(status, 201, "{method}");
    method["id"].as_str().expect("an id").to_owned()
}

/// A wish to be paid 48 € for an order.
fn request(order: Uuid, method: &str) -> Value {
    json!({ "order": order, "amount": { "minor": 4800, "currency": "EUR" }, "payment_method": method })
}

/// The address of a new authorised payment.
async fn authorise(till: &Running) -> String {
    let wish = request(Uuid::new_v4(), &method(till, GOOD).await);
    let (status, payment) = till.post("/payments", &Uuid::new_v4().to_string(), &wish).await;
    assert_eq!(status, 201, "{payment}");
    format!("/payments/{}", payment["id"].as_str().expect("an id"))
}

/// Captures or voids a payment.
async fn change(till: &Running, payment: &str, change: &str) -> (u16, Value) {
    let (status, answer) = till.post(&format!("{payment}/{change}"), "unused", &Value::Null).await;
    (status.as_u16(), answer)
}

/// Captures a part of a payment.
async fn capture(till: &Running, payment: &str, minor: i64) -> (u16, Value) {
    let body = json!({ "amount": { "minor": minor, "currency": "EUR" } });
    let (status, answer) = till.post(&format!("{payment}/capture"), "unused", &body).await;
    (status.as_u16(), answer)
}

/// Gives back a part of a payment.
async fn refund(till: &Running, payment: &str, key: &str, minor: i64) -> (u16, Value) {
    let body = json!({ "amount": { "minor": minor, "currency": "EUR" } });
    let (status, answer) = till.post(&format!("{payment}/refunds"), key, &body).await;
    (status.as_u16(), answer)
}

/// The kind of a problem.
fn kind(problem: &Value) -> &str {
    problem["type"].as_str().expect("a problem")
}

/// The pointer of a problem document's first error.
fn pointer(problem: &Value) -> &str {
    problem["errors"][0]["pointer"].as_str().unwrap_or_default()
}
