//! Inventory's HTTP API, on SQLite and PostgreSQL.

mod availability;
mod await_payment;
mod concurrency;
mod contract;
mod events;
mod ledger;
mod locations;
mod policies;
mod property;
mod reservations;
mod restocks;
mod stock;
mod sweep;

use std::ops::Deref;

use inventory::{App, Config};
use serde_json::{Value, json};
use storage::DatabaseUrl;
use testkit::{Database, Running, TestClock, encoded};

const ORDER: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// A running inventory service whose clock can be set forward.
struct Inventory {
    running: Running,
    clock: TestClock,
    database: Database,
}

impl Deref for Inventory {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.running
    }
}

/// An empty inventory on each database. It does not sweep, so overdue reservations stay until a request frees them.
async fn inventories() -> Vec<Inventory> {
    let mut inventories = Vec::new();
    for database in testkit::databases().await {
        let (running, clock) = start(&database.url, 3_600_000).await;
        inventories.push(Inventory {
            running,
            clock,
            database,
        });
    }
    inventories
}

async fn start(url: &DatabaseUrl, sweep_ms: u64) -> (Running, TestClock) {
    let config = Config {
        database_url: url.clone(),
        sweep_ms,
        unpaid_share_percent: 25,
        events: ::events::Settings::default(),
    };
    let clock = TestClock::default();
    let app = App::open(config, clock.clock()).await.expect("an inventory");
    (Running::start(app).await, clock)
}

async fn put_stock(inventory: &Running, sku: &str, on_hand: u32) {
    let body = json!({ "sku": sku, "on_hand": on_hand });
    assert_eq!(inventory.put(&format!("/stock/{}", encoded(sku)), &body).await.0, 200);
}

async fn put_stock_at(inventory: &Running, sku: &str, location: &str, on_hand: u32) {
    let body = json!({ "sku": sku, "on_hand": on_hand });
    let (status, answer) = inventory
        .put(&format!("/stock/{}?location={location}", encoded(sku)), &body)
        .await;
    assert_eq!(status, 200, "{answer}");
}

/// Units on hand, reserved and available.
async fn stock(inventory: &Running, sku: &str) -> [u64; 3] {
    let (_, stock) = inventory.get(&format!("/stock/{}", encoded(sku))).await;
    ["on_hand", "reserved", "available"].map(|field| stock[field].as_u64().expect("a number"))
}

/// Units on hand, reserved and available at one location.
async fn stock_at(inventory: &Running, sku: &str, location: &str) -> [u64; 3] {
    let (_, stock) = inventory.get(&format!("/stock/{}", encoded(sku))).await;
    let mut locations = stock["locations"].as_array().expect("locations").iter();
    let at = locations.find(|at| at["location"] == location).expect("the location");
    ["on_hand", "reserved", "available"].map(|field| at[field].as_u64().expect("a number"))
}

/// A SKU's movements: kind, location, and the change of the units on hand and reserved.
async fn movements(inventory: &Running, sku: &str) -> Vec<(String, String, i64, i64)> {
    let (status, page) = inventory
        .get(&format!("/movements?sku={}&limit=1000", encoded(sku)))
        .await;
    assert_eq!(status, 200, "{page}");
    let text = |item: &Value, field: &str| item[field].as_str().expect("a text").to_owned();
    let units = |item: &Value, field: &str| item[field].as_i64().expect("a number");
    let items = page["items"].as_array().expect("movements").iter();
    items
        .map(|item| {
            (
                text(item, "kind"),
                text(item, "location"),
                units(item, "on_hand"),
                units(item, "reserved"),
            )
        })
        .collect()
}

/// The kinds of a SKU's movements.
async fn kinds(inventory: &Running, sku: &str) -> Vec<String> {
    let movements = movements(inventory, sku).await;
    movements.into_iter().map(|(kind, ..)| kind).collect()
}

/// Checks that stock, ledger and reservations of every SKU agree.
async fn assert_sound(inventory: &Running) {
    let mut after = String::new();
    loop {
        let (status, page) = inventory.get(&format!("/ledger/differences?limit=7{after}")).await;
        assert_eq!((status.as_u16(), &page["items"]), (200, &json!([])));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return,
        }
    }
}

/// The body of a request with these lines.
fn request(lines: &[(&str, u32)]) -> Value {
    let line = |(sku, quantity): &(&str, u32)| json!({ "sku": sku, "quantity": quantity });
    json!({ "order": ORDER, "lines": lines.iter().map(line).collect::<Vec<_>>() })
}

/// Creates a reservation and returns its path.
async fn hold(inventory: &Running, key: &str, request: &Value) -> String {
    let (status, reservation) = inventory.post("/reservations", key, request).await;
    assert_eq!(status, 201, "{reservation}");
    format!("/reservations/{}", reservation["id"].as_str().expect("an id"))
}

async fn commit(inventory: &Running, reservation: &str) -> (u16, Value) {
    let (status, answer) = inventory
        .post(&format!("{reservation}/commit"), "unused", &Value::Null)
        .await;
    (status.as_u16(), answer)
}

/// Returns units of the order to stock.
async fn restock(inventory: &Running, key: &str, lines: &[(&str, u32)]) -> (u16, Value) {
    let mut body = request(lines);
    body["reason"] = json!("changed their mind");
    let (status, answer) = inventory.post("/restocks", key, &body).await;
    (status.as_u16(), answer)
}

/// The type of a problem document.
fn kind(problem: &Value) -> &str {
    problem["type"].as_str().expect("a problem")
}

/// The pointer and detail of each error in a problem document.
fn errors(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors
        .filter_map(|error| Some((error["pointer"].as_str()?, error["detail"].as_str()?)))
        .collect()
}
