//! An order that is followed.

use serde_json::{Value, json};
use testkit::wiremock::ResponseTemplate;
use testkit::{Contract, Socket};

use crate::Shop;

const ORDER: &str = "/orders/01890a5d-ac96-774b-bcce-b302099a8057";
const LIVE: &str = "/orders/01890a5d-ac96-774b-bcce-b302099a8057/live";

/// The order comes to this state.
async fn comes_to(shop: &Shop, status: &str) {
    let mut order = Contract::of("services/orders").answer("get", "/orders/{id}", 200);
    order["status"] = json!(status);
    let answer = ResponseTemplate::new(200).set_body_json(&order);
    let answer = answer.insert_header("etag", format!("\"{status}\""));
    shop.orders.overrule("get", "/orders/{id}", answer).await;
}

#[tokio::test]
async fn it_is_told_at_once_and_at_every_change_until_its_end() {
    let shop = Shop::open().await;
    comes_to(&shop, "placed").await;
    let mut socket = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
    let first = socket.next().await.unwrap();
    assert_eq!(first["outcome"], "underway");
    assert_eq!(
        first,
        shop.get(ORDER).await.body,
        "it is what the order's own address has"
    );

    // A step that no shopper sees is no message.
    comes_to(&shop, "reserved").await;
    comes_to(&shop, "confirmed").await;
    assert_eq!(socket.next().await.unwrap()["outcome"], "accepted");
    comes_to(&shop, "cancelled").await;
    assert_eq!(socket.next().await.unwrap()["outcome"], "refused");
    assert_eq!(socket.next().await, Err(Some(1000)));
}

#[tokio::test]
async fn an_order_that_has_ended_is_told_once() {
    let shop = Shop::open().await;
    for (status, outcome) in [
        ("completed", "accepted"),
        ("rejected", "refused"),
        ("failed", "refused"),
    ] {
        comes_to(&shop, status).await;
        let mut socket = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
        assert_eq!(socket.next().await.unwrap()["outcome"], outcome);
        assert_eq!(socket.next().await, Err(Some(1000)), "{status}");
    }
}

#[tokio::test]
async fn while_orders_is_away_the_socket_stays() {
    let shop = Shop::open().await;
    comes_to(&shop, "placed").await;
    let mut socket = Socket::open(&shop.bff.url, LIVE, &[]).await.unwrap();
    assert_eq!(socket.next().await.unwrap()["outcome"], "underway");
    shop.orders.answers("get", "/orders/{id}", 500, &json!({})).await;
    assert_eq!(
        Socket::open(&shop.bff.url, LIVE, &[]).await.err(),
        Some(503),
        "nobody knows whether there is one"
    );
    comes_to(&shop, "completed").await;
    assert_eq!(socket.next().await.unwrap()["outcome"], "accepted");
}

#[tokio::test]
async fn who_may_not_see_it_may_not_follow_it() {
    let shop = Shop::open().await;
    let foreign = ("origin", "https://elsewhere.test");
    assert_eq!(Socket::open(&shop.bff.url, LIVE, &[foreign]).await.err(), Some(403));
    let refusal = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404 });
    shop.orders.answers("get", "/orders/{id}", 404, &refusal).await;
    for path in [LIVE, "/orders/nonsense/live"] {
        assert_eq!(Socket::open(&shop.bff.url, path, &[]).await.err(), Some(404), "{path}");
    }
    let plain = shop.get(LIVE).await;
    assert_eq!(
        (plain.status, &plain.body["type"]),
        (426, &Value::from("urn:problem:upgrade-required"))
    );
}
