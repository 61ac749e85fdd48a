//! Following an order.

use serde_json::{Value, json};
use testkit::wiremock::ResponseTemplate;
use testkit::{Contract, Socket};

use crate::Shop;

const ORDER: &str = "/orders/01890a5d-ac96-774b-bcce-b302099a8057";
const LIVE: &str = "/orders/01890a5d-ac96-774b-bcce-b302099a8057/live";

/// Gives the order this status.
async fn set_status(shop: &Shop, status: &str) {
    let mut order = Contract::of("services/orders").answer("get", "/orders/{id}", 200);
    order["status"] = json!(status);
    let answer = ResponseTemplate::new(200).set_body_json(&order);
    let answer = answer.insert_header("etag", format!("\"{status}\""));
    shop.orders.responds_with("get", "/orders/{id}", answer).await;
}

#[tokio::test]
async fn order_is_sent_at_once_and_at_every_change_until_it_is_final() {
    let shop = Shop::open().await;
    set_status(&shop, "placed").await;
    let mut socket = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
    let first = socket.next().await.unwrap();
    assert_eq!(first["outcome"], "in_progress");
    assert_eq!(first, shop.get(ORDER).await.body, "the same as getOrder");

    // A status that shoppers do not see is no message.
    set_status(&shop, "reserved").await;
    set_status(&shop, "confirmed").await;
    assert_eq!(socket.next().await.unwrap()["outcome"], "accepted");
    set_status(&shop, "cancelled").await;
    assert_eq!(socket.next().await.unwrap()["outcome"], "rejected");
    assert_eq!(socket.next().await, Err(Some(1000)));
}

#[tokio::test]
async fn final_order_is_sent_once() {
    let shop = Shop::open().await;
    for (status, outcome) in [
        ("completed", "accepted"),
        ("rejected", "rejected"),
        ("failed", "rejected"),
    ] {
        set_status(&shop, status).await;
        let mut socket = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
        assert_eq!(socket.next().await.unwrap()["outcome"], outcome);
        assert_eq!(socket.next().await, Err(Some(1000)), "{status}");
    }
}

#[tokio::test]
async fn socket_stays_open_while_orders_is_away() {
    let shop = Shop::open().await;
    set_status(&shop, "placed").await;
    let mut socket = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
    assert_eq!(socket.next().await.unwrap()["outcome"], "in_progress");
    shop.orders.answers("get", "/orders/{id}", 500, &json!({})).await;
    assert_eq!(
        Socket::open(&shop.bff.url, LIVE, &[]).await.err(),
        Some(503),
        "it is unknown whether the order exists"
    );
    set_status(&shop, "completed").await;
    assert_eq!(socket.next().await.unwrap()["outcome"], "accepted");
}

#[tokio::test]
async fn other_sites_and_unknown_orders_get_no_socket() {
    let shop = Shop::open().await;
    let foreign = ("origin", "https://elsewhere.test");
    assert_eq!(Socket::open(&shop.bff.url, LIVE, &[foreign]).await.err(), Some(403));
    let rejection = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404 });
    shop.orders.answers("get", "/orders/{id}", 404, &rejection).await;
    for path in [LIVE, "/orders/nonsense/live"] {
        assert_eq!(Socket::open(&shop.bff.url, path, &[]).await.err(), Some(404), "{path}");
    }
    let plain = shop.get(LIVE).await;
    assert_eq!(
        (plain.status, &plain.body["type"]),
        (426, &Value::from("urn:problem:upgrade-required"))
    );
}
