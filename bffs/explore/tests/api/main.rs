//! The BFF's API, with doubles of the services that follow their contracts.

mod contract;
mod pages;
mod recommendations;
mod search;
mod sorting;

use explore_bff::{App, Config};
use serde_json::json;
use service::Part;
use testkit::{Double, Running};

/// The BFF and the services it calls.
struct Shop {
    bff: Running,
    catalog: Double,
    pricing: Double,
}

impl Shop {
    /// A shop with one category and one product: a vase at €48 in sand and at €52 in sea.
    async fn open() -> Self {
        let catalog = Double::of("services/catalog").await;
        let pricing = Double::of("services/pricing").await;
        let prices = json!({ "items": [
            { "sku": "onda-vase-sand", "price": { "minor": 4800, "currency": "EUR" } },
            { "sku": "onda-vase-sea", "price": { "minor": 5200, "currency": "EUR" } },
        ] });
        pricing.answers("get", "/prices", 200, &prices).await;
        Self {
            bff: bff(&catalog.url(), &pricing.url()).await,
            catalog,
            pricing,
        }
    }
}

async fn bff(catalog: &str, pricing: &str) -> Running {
    let config = Config {
        catalog_url: catalog.parse().expect("an address"),
        pricing_url: pricing.parse().expect("an address"),
    };
    Running::start(App::start(config).await.expect("a BFF")).await
}
