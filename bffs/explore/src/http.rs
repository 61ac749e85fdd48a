//! Request handlers, one file for each view.

pub mod categories;
pub mod header;
pub mod home;
pub mod recommendations;
pub mod search;
pub mod stores;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::upstream::Product;
use crate::view::{ProductCard, cards};

/// An opaque cursor, at most 1,000 bytes: the `next` of the previous page.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct PageCursor(String);

impl TryFrom<String> for PageCursor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text.len() <= 1000 {
            Ok(Self(text))
        } else {
            Err("must be the `next` of the previous page")
        }
    }
}

impl PageCursor {
    fn as_str(&self) -> &str {
        &self.0
    }
}

/// Loads the prices of products. A price is missing if pricing does not answer in time.
async fn with_prices(app: &App, products: Vec<Product>) -> Vec<ProductCard> {
    let variants = products.iter().flat_map(|product| &product.variants);
    let skus: Vec<&str> = variants.map(|variant| &*variant.sku).collect();
    let prices = app.pricing.prices(&skus).await;
    cards(products, &prices)
}

fn example() -> Value {
    json!({
        "slug": "onda-vase",
        "name": "Onda vase",
        "vendor": "Studio Onda",
        "picture": "onda-vase-sand",
        "price": { "from": true, "price": { "minor": 4800, "currency": "EUR" }, "compare_at": null },
    })
}
