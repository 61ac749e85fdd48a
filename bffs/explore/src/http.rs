//! Handlers: ask the services, shape. One file a view.

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
use crate::view::{Card, cards};

/// A name in addresses: groups of small letters and digits with hyphens between them.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Slug(String);

impl TryFrom<String> for Slug {
    type Error = text::Flaw;

    fn try_from(text: String) -> Result<Self, text::Flaw> {
        text::slug(&text, 64).map(Self)
    }
}

/// A place in a list that a page gave: what is longer than any of these is none.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct After(String);

impl TryFrom<String> for After {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text.len() <= 1000 {
            Ok(Self(text))
        } else {
            Err("must be the `next` of the page before")
        }
    }
}

impl After {
    fn as_str(&self) -> &str {
        &self.0
    }
}

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
        "vendor": "Studio Onda",
        "picture": "onda-vase-sand",
        "price": { "from": true, "price": { "minor": 4800, "currency": "EUR" }, "compare_at": null },
    })
}
