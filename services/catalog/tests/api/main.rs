//! The catalog's API, on every supported database.

mod categories;
mod contract;
mod goods;
mod listing;
mod migrations;
mod products;
mod removal;
mod shops;
mod stories;
mod variants;

use catalog::{App, Config};
use serde_json::{Value, json};
use service::Part;
use testkit::{Database, Running};

/// A catalog with one category, `vases`, on each database.
async fn catalogs() -> Vec<(Running, Database)> {
    let mut catalogs = Vec::new();
    for database in testkit::databases().await {
        let config = Config {
            database_url: database.url.clone(),
        };
        let catalog = Running::start(App::start(config).await.expect("a catalog")).await;
        let vases =
            json!({ "slug": "vases", "name": "Vases", "summary": "For one branch.", "position": 1, "picture": null });
        assert_eq!(catalog.put("/categories/vases", &vases).await.0, 200);
        catalogs.push((catalog, database));
    }
    catalogs
}

/// A product with one variant, whose SKU is the slug.
fn product(slug: &str, name: &str) -> Value {
    json!({
        "slug": slug, "name": name, "status": "active", "summary": "A vase.",
        "description_html": "<p>Holds water.</p>", "description": "Holds water.",
        "category": "vases", "categories": ["vases"], "vendor": "Studio Onda", "tags": [], "pictures": [], "options": [],
        "variants": [variant(slug)],
        "details": [], "related": [],
    })
}

fn variant(sku: &str) -> Value {
    json!({ "sku": sku, "label": "The only one", "options": {}, "picture": null, "gtin": null, "weight": null })
}

/// The pointers of a problem document's errors.
fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors.filter_map(|error| error["pointer"].as_str()).collect()
}
