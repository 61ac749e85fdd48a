//! Stock that is followed.

use serde_json::{Value, json};
use testkit::Socket;
use testkit::wiremock::ResponseTemplate;

use crate::Shop;

const LIVE: &str = "/products/onda-vase/stock/live";

/// Inventory has so many from now on.
async fn has(shop: &Shop, sand: u32, sea: u32) {
    let item = |sku, available: u32| json!({ "sku": sku, "available": available });
    let body = json!({ "items": [item("onda-vase-sand", sand), item("onda-vase-sea", sea)] });
    let answer = ResponseTemplate::new(200).set_body_json(&body);
    let answer = answer.insert_header("etag", format!("\"{sand}-{sea}\""));
    shop.inventory.overrule("get", "/availability", answer).await;
}

fn told(message: &Value) -> Vec<(&str, &Value)> {
    let variants = message["variants"].as_array().unwrap().iter();
    variants
        .map(|variant| (variant["availability"].as_str().unwrap(), &variant["left"]))
        .collect()
}

#[tokio::test]
async fn what_is_bought_is_told() {
    let shop = Shop::open().await;
    has(&shop, 12, 3).await;
    let mut one = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
    let mut two = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
    for socket in [&mut one, &mut two] {
        let message = socket.next().await.unwrap();
        assert_eq!(message["variants"][0]["sku"], "onda-vase-sand");
        assert_eq!(told(&message), [("in_stock", &Value::Null), ("few_left", &json!(3))]);
    }
    has(&shop, 12, 0).await;
    for socket in [&mut one, &mut two] {
        let message = socket.next().await.unwrap();
        assert_eq!(told(&message), [("in_stock", &Value::Null), ("sold_out", &Value::Null)]);
    }
    // One fewer of many is nothing to tell.
    has(&shop, 11, 0).await;
    has(&shop, 11, 7).await;
    drop(one);
    assert_eq!(
        told(&two.next().await.unwrap()),
        [("in_stock", &Value::Null), ("in_stock", &Value::Null)]
    );
}

#[tokio::test]
async fn what_nobody_follows_is_not_asked_for() {
    let shop = Shop::open().await;
    has(&shop, 12, 3).await;
    let mut socket = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
    socket.next().await.unwrap();
    drop(socket);
    let asked = async || shop.inventory.received("get", "/availability").await.len();
    // It is asked once a second, since it does not wait.
    let is_left_alone = async {
        loop {
            let before = asked().await;
            tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
            if asked().await == before {
                return;
            }
        }
    };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(20), is_left_alone).await;
    assert!(waited.is_ok(), "it is still asked");
}

#[tokio::test]
async fn there_is_nothing_to_follow() {
    let shop = Shop::open().await;
    let refusal = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404 });
    shop.catalog.answers("get", "/products/{slug}", 404, &refusal).await;
    assert_eq!(Socket::open(&shop.bff.url, LIVE, &[]).await.err(), Some(404));
    assert_eq!(shop.bff.get(LIVE).await.0, 426);
}
