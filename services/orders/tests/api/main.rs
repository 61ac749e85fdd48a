//! Orders over HTTP, on SQLite and PostgreSQL, with a double of its neighbours that fails on command.

#![expect(
    clippy::disallowed_methods,
    reason = "a test waits for its tasks and sees their panics"
)]

mod causes;
mod changes;
mod contract;
mod crashes;
mod events;
mod neighbours;
mod orders;
mod pages;
mod quotes;
mod races;
mod replays;
mod saga;
mod scarcity;
mod sweep;
mod upgrade;
mod waiting;
mod webhooks;
mod worker;

use std::time::Duration;

use ::orders::{App, Config};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use service::Part;
use storage::{DatabaseUrl, Db};
use testkit::{Database, Running};
use uuid::Uuid;

use crate::neighbours::Neighbours;

/// How long one attempt of a step may take in tests. A late neighbour takes much longer.
const STEP_TIMEOUT: Duration = Duration::from_millis(250);

fn config(url: &DatabaseUrl, neighbours: &str, step_timeout: Duration) -> Config {
    let base = || neighbours.parse().expect("an address");
    Config {
        database_url: url.clone(),
        pricing_url: base(),
        inventory_url: base(),
        cart_url: base(),
        payments_url: base(),
        shop_url: "http://shop.example".parse().expect("an address"),
        step_timeout_ms: u64::try_from(step_timeout.as_millis()).expect("a short time"),
        answer_ms: 30_000,
        order_deadline_seconds: 600,
        bank_hold_seconds: 180,
        payment_page_seconds: 900,
        unpaid_per_client: 10,
        unpaid_per_card: 3,
        declined_per_cart: 5,
        declined_per_client: 60,
        // Most tests look at an order before the worker does.
        worker_ms: 3_600_000,
        webhook_private: ::orders::PrivateWebhooks::Allow,
        https: ::https::Settings::default(),
        events: ::events::Settings::default(),
    }
}

async fn start(url: &DatabaseUrl, neighbours: &str) -> Running {
    let app = App::start(config(url, neighbours, STEP_TIMEOUT)).await;
    Running::start(app.expect("orders start")).await
}

/// Orders with its neighbours, on each database.
async fn worlds() -> Vec<(Running, Neighbours, Database)> {
    let mut worlds = Vec::new();
    for database in testkit::databases().await {
        let neighbours = Neighbours::start().await;
        worlds.push((start(&database.url, &neighbours.url()).await, neighbours, database));
    }
    worlds
}

/// The key of RFC 8037, appendix A.1, which is the example of pricing's contract.
fn pricing_key() -> Ed25519KeyPair {
    let seed = BASE64_URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    Ed25519KeyPair::from_seed_unchecked(&seed.expect("base64")).expect("a key")
}

const KID: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

/// Signs a quote as pricing does.
fn sign(claims: &Value, key: &Ed25519KeyPair, kid: &str) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({ "alg": "EdDSA", "kid": kid })), part(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// A quote for two mugs and a bowl, shipped to France.
fn claims() -> Value {
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let line = |sku: &str, quantity: i64, price: i64| json!({ "sku": sku, "quantity": quantity, "unit_price": euro(price), "total": euro(price * quantity) });
    json!({
        "id": "0197a2b4-5c00-7000-8000-000000000002",
        "exp": 4_102_443_000_i64,
        "expires_at": "2099-12-31T23:30:00Z",
        "currency": "EUR",
        "country": "FR",
        "shipping": { "method": "express", "name": "Express delivery", "price": euro(1490) },
        "lines": [line("mug", 2, 1800), line("bowl", 1, 2400)],
        "subtotal": euro(6000),
        "tax": euro(1248),
        "total": euro(7490),
    })
}

const CART: &str = "9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42";

fn request() -> Value {
    json!({
        "quote": sign(&claims(), &pricing_key(), KID),
        "cart": CART,
        "email": "ada@example.org",
        "address": {
            "name": "Ada Lovelace", "line1": "1 rue de la Paix", "line2": null,
            "city": "Paris", "postal_code": "75002", "country": "FR",
        },
        "lines": [{ "sku": "bowl", "title": "Bowl" }, { "sku": "mug", "title": "Mug" }],
        "payment_method": "pm_1",
    })
}

async fn post(orders: &Running, key: &str, request: &Value) -> (u16, Value) {
    let (status, answer) = orders.post("/orders", key, &quoted(key, request)).await;
    (status.as_u16(), answer)
}

/// The request with a quote of its own for each key, unless the test has set a quote.
fn quoted(key: &str, request: &Value) -> Value {
    let mut quoted = request.clone();
    if request["quote"] == self::request()["quote"] {
        let id = key.bytes().fold(0, |id: u128, byte| id << 8 | u128::from(byte));
        let mut claims = claims();
        claims["id"] = json!(Uuid::from_u128(id));
        quoted["quote"] = json!(sign(&claims, &pricing_key(), KID));
    }
    quoted
}

/// The last order that reached inventory.
async fn last(orders: &Running, neighbours: &Neighbours) -> Value {
    let (status, order) = orders.get(&format!("/orders/{}", neighbours.last_order())).await;
    assert_eq!(status, 200, "{order}");
    order
}

/// Ends the lease of every order.
async fn expire_leases(url: &DatabaseUrl) {
    let db = Db::open(url.clone()).await.expect("a database");
    let mut tx = db.begin().await.expect("a transaction");
    storage::execute!(
        &mut tx,
        "update orders set leased_until = placed_at, due_at = placed_at"
    )
    .expect("the orders");
    tx.commit().await.expect("done");
}

/// The kind of a problem, for example `out-of-stock`.
fn kind(problem: &Value) -> &str {
    let kind = problem["type"].as_str().unwrap_or_default();
    kind.trim_start_matches("urn:problem:")
}

/// The pointers of a problem document's errors.
fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors.filter_map(|error| error["pointer"].as_str()).collect()
}
