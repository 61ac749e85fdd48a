//! Inventory through its public door, on every database there is.

mod concurrency;
mod contract;
mod reservations;
mod stock;

use inventory::{App, Config};
use serde_json::{Value, json};
use service::Part;
use testkit::{Database, Running};

const ORDER: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// An empty inventory on each database.
async fn inventories() -> Vec<(Running, Database)> {
    let mut inventories = Vec::new();
    for database in testkit::databases().await {
        let config = Config {
            database_url: database.url.clone(),
        };
        let inventory = Running::start(App::start(config).await.expect("an inventory")).await;
        inventories.push((inventory, database));
    }
    inventories
}

async fn put_stock(inventory: &Running, sku: &str, on_hand: u32) {
    let body = json!({ "sku": sku, "on_hand": on_hand });
    assert_eq!(inventory.put(&format!("/stock/{sku}"), &body).await.0, 200);
}

/// On hand, reserved and available.
async fn stock(inventory: &Running, sku: &str) -> [u64; 3] {
    let (_, stock) = inventory.get(&format!("/stock/{sku}")).await;
    ["on_hand", "reserved", "available"].map(|field| stock[field].as_u64().expect("a number"))
}

/// A wish for these lines.
fn request(lines: &[(&str, u32)]) -> Value {
    let line = |(sku, quantity): &(&str, u32)| json!({ "sku": sku, "quantity": quantity });
    json!({ "order": ORDER, "lines": lines.iter().map(line).collect::<Vec<_>>() })
}

/// The address of a new reservation.
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

/// The kind of a problem.
fn kind(problem: &Value) -> &str {
    problem["type"].as_str().expect("a problem")
}

/// The pointers of a problem document's errors, and what is wrong there.
fn errors(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors
        .filter_map(|error| Some((error["pointer"].as_str()?, error["detail"].as_str()?)))
        .collect()
}
