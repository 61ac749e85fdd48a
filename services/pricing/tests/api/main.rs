//! Pricing's API, on every supported database.

mod contract;
mod delivery;
mod keys;
mod prices;
mod quotes;

use pricing::{App, Config};
use serde_json::{Value, json};
use testkit::{Database, Running};
use values::Clock;

async fn start(database: &Database) -> Running {
    start_with_clock(database, Clock::system()).await
}

async fn start_with_clock(database: &Database, clock: Clock) -> Running {
    let config = Config {
        database_url: database.url.clone(),
        key_days: 90,
    };
    Running::start(App::open(config, clock).await.expect("pricing")).await
}

/// Pricing with the prices of two vases, on each database.
async fn pricings() -> Vec<(Running, Database)> {
    let mut pricings = Vec::new();
    for database in testkit::databases().await {
        let pricing = start(&database).await;
        for (sku, minor) in [("onda-vase-sand", 4800), ("onda-vase-sea", 5200)] {
            let body = json!({ "sku": sku, "price": { "minor": minor, "currency": "EUR" } });
            assert_eq!(pricing.put(&format!("/prices/{sku}"), &body).await.0, 200);
        }
        pricings.push((pricing, database));
    }
    pricings
}

/// The pointers of a problem document's errors.
fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors.filter_map(|error| error["pointer"].as_str()).collect()
}
