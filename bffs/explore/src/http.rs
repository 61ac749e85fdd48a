//! Handlers: ask the services, shape. One file a view.

pub mod categories;
pub mod header;
pub mod home;

use serde_json::{Value, json};

use crate::App;
use crate::upstream::Product;
use crate::view::{Card, cards};

/// Products with their prices, as far as these come in time.
async fn priced(app: &App, products: Vec<Product>) -> Vec<Card> {
    let variants = products.iter().flat_map(|product| &product.variants);
    let skus: Vec<&str> = variants.map(|variant| &*variant.sku).collect();
    let prices = app.pricing.prices(&skus).await;
    cards(products, &prices)
}

fn example() -> Value {
    json!({
        "slug": "onda-vase",
        "name": "Onda vase",
        "maker": "Studio Onda",
        "picture": "onda-vase",
        "price": { "from": true, "price": { "minor": 4800, "currency": "EUR" } },
    })
}
