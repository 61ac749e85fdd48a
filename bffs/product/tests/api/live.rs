//! The WebSocket for stock.

use serde_json::{Value, json};
use testkit::Socket;
use testkit::wiremock::ResponseTemplate;

use crate::Shop;

const LIVE: &str = "/products/onda-vase/stock/live";

/// Sets the units that inventory answers with.
async fn set_stock(shop: &Shop, sand: u32, sea: u32) {
    let item = |sku, available: u32| json!({ "sku": sku, "available": available });
    let body = json!({ "items": [item("onda-vase-sand", sand), item("onda-vase-sea", sea)] });
    let answer = ResponseTemplate::new(200).set_body_json(&body);
    let answer = answer.insert_header("etag", format!("\"{sand}-{sea}\""));
    shop.inventory.responds_with("get", "/availability", answer).await;
}

fn stock_of(message: &Value) -> Vec<(&str, &Value)> {
    let variants = message["variants"].as_array().unwrap().iter();
    variants
        .map(|variant| (variant["availability"].as_str().unwrap(), &variant["remaining"]))
        .collect()
}

#[tokio::test]
async fn stock_changes_are_sent_to_all_sockets() {
    let shop = Shop::open().await;
    set_stock(&shop, 12, 3).await;
    let mut one = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
    let mut two = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
    for socket in [&mut one, &mut two] {
        let message = socket.next().await.unwrap();
        assert_eq!(message["variants"][0]["sku"], "onda-vase-sand");
        assert_eq!(
            stock_of(&message),
            [("in_stock", &Value::Null), ("few_left", &json!(3))]
        );
    }
    set_stock(&shop, 12, 0).await;
    for socket in [&mut one, &mut two] {
        let message = socket.next().await.unwrap();
        assert_eq!(
            stock_of(&message),
            [("in_stock", &Value::Null), ("sold_out", &Value::Null)]
        );
    }
    // A change from many units to many changes no message.
    set_stock(&shop, 11, 0).await;
    set_stock(&shop, 11, 7).await;
    drop(one);
    assert_eq!(
        stock_of(&two.next().await.unwrap()),
        [("in_stock", &Value::Null), ("in_stock", &Value::Null)]
    );
}

#[tokio::test]
async fn stock_without_subscribers_is_not_polled() {
    let shop = Shop::open().await;
    set_stock(&shop, 12, 3).await;
    let mut socket = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
    socket.next().await.unwrap();
    drop(socket);
    let requests = async || shop.inventory.received("get", "/availability").await.len();
    // The double does not hold requests, so inventory is polled once a second.
    let has_stopped = async {
        loop {
            let before = requests().await;
            tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
            if requests().await == before {
                return;
            }
        }
    };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(20), has_stopped).await;
    assert!(waited.is_ok(), "inventory is still polled");
}

#[tokio::test]
async fn stock_of_an_unknown_product_cannot_be_followed() {
    let shop = Shop::open().await;
    let problem = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404 });
    shop.catalog.answers("get", "/products/{slug}", 404, &problem).await;
    assert_eq!(Socket::open(&shop.bff.url, LIVE, &[]).await.err(), Some(404));
    assert_eq!(shop.bff.get(LIVE).await.0, 426);
}
