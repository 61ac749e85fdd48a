//! Loads the demo shop through the services' HTTP APIs. Loading it again changes nothing.

use std::path::Path;

use machine::{Error, Result, fail, files, step};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::shop::Shop;

/// `assets/demo/shop.json`: the bodies of requests.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Demo {
    categories: Vec<Map<String, Value>>,
    products: Vec<Map<String, Value>>,
    prices: Vec<Map<String, Value>>,
    stock: Vec<Map<String, Value>>,
    #[serde(default)]
    stories: Vec<Map<String, Value>>,
    #[serde(default)]
    shops: Vec<Map<String, Value>>,
}

/// Loads it. Does nothing where there is no such file.
pub async fn load(root: &Path, shop: &Shop) -> Result<()> {
    let path = root.join("assets/demo/shop.json");
    if !path.exists() {
        return Ok(());
    }
    let demo: Demo = serde_json::from_str(&files::read(&path)?).map_err(|error| Error::at(&path, error))?;
    step(&format!("loading the demo shop: {} products", demo.products.len()));
    let [catalog, pricing, inventory] = ["catalog", "pricing", "inventory"].map(|name| shop.topology.url(name));
    let (catalog, pricing, inventory) = (catalog?, pricing?, inventory?);
    let client = shop.client();
    put_all(client, &format!("{catalog}/categories"), "slug", &demo.categories).await?;
    put_all(client, &format!("{catalog}/products"), "slug", &demo.products).await?;
    put_all(client, &format!("{catalog}/stories"), "slug", &demo.stories).await?;
    put_all(client, &format!("{catalog}/shops"), "slug", &demo.shops).await?;
    put_all(client, &format!("{pricing}/prices"), "sku", &demo.prices).await?;
    stock(client, &format!("{inventory}/stock"), &demo.stock).await
}

async fn put_all(client: &reqwest::Client, base: &str, key: &str, items: &[Map<String, Value>]) -> Result<()> {
    for item in items {
        put(client, &address(base, key, item)?, item).await?;
    }
    Ok(())
}

/// Sets the stock of SKUs that have none yet, so that a second run does not undo sales.
async fn stock(client: &reqwest::Client, base: &str, items: &[Map<String, Value>]) -> Result<()> {
    for item in items {
        let url = address(base, "sku", item)?;
        let answer = client.get(&url).send().await.map_err(Error::of)?;
        if answer.status() == StatusCode::NOT_FOUND {
            put(client, &url, item).await?;
        }
    }
    Ok(())
}

fn address(base: &str, key: &str, item: &Map<String, Value>) -> Result<String> {
    match item.get(key).and_then(Value::as_str) {
        Some(value) => Ok(format!("{base}/{value}")),
        None => fail(format!("assets/demo/shop.json: an entry for {base} has no {key}")),
    }
}

async fn put(client: &reqwest::Client, url: &str, body: &Map<String, Value>) -> Result<()> {
    let answer = client.put(url).json(body).send().await.map_err(Error::of)?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    fail(format!(
        "PUT {url}: {status} {}",
        answer.text().await.unwrap_or_default()
    ))
}
