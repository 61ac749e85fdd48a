//! The BFF's HTTP API, with doubles of the services that keep their contracts.

mod contract;
mod live;
mod products;

use product_bff::{App, Config};
use serde_json::json;
use service::Part;
use testkit::{Double, Running};

/// The BFF and the services it calls.
struct Shop {
    bff: Running,
    catalog: Double,
    pricing: Double,
    inventory: Double,
}

impl Shop {
    /// A shop with one product: a vase in sand at €48, twelve in stock, and in sea at €52, three in stock.
    async fn open() -> Self {
        let catalog = Double::of("services/catalog").await;
        let pricing = Double::of("services/pricing").await;
        let inventory = Double::of("services/inventory").await;
        let prices = json!({ "items": [
            { "sku": "onda-vase-sand", "price": { "minor": 4800, "currency": "EUR" } },
            { "sku": "onda-vase-sea", "price": { "minor": 5200, "currency": "EUR" } },
        ] });
        pricing.answers("get", "/prices", 200, &prices).await;
        inventory.answers("get", "/stock", 200, &stock(12, 3)).await;
        let config = Config {
            catalog_url: catalog.url().parse().expect("an address"),
            pricing_url: pricing.url().parse().expect("an address"),
            inventory_url: inventory.url().parse().expect("an address"),
        };
        let bff = Running::start(App::start(config).await.expect("a BFF")).await;
        Self {
            bff,
            catalog,
            pricing,
            inventory,
        }
    }
}

/// Inventory's answer with these units.
fn stock(sand: u32, sea: u32) -> serde_json::Value {
    let item = |sku, count| json!({ "sku": sku, "on_hand": count, "reserved": 0, "available": count });
    json!({ "items": [item("onda-vase-sand", sand), item("onda-vase-sea", sea)] })
}
