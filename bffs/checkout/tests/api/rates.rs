//! What costs others something is not done for one client as often as it likes.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::Contract;

use crate::{CART, Shop, problem, read};

const CLIENT: &str = "for=203.0.113.7";

async fn send(shop: &Shop, client: &str, (method, path): (Method, &str), body: &Value) -> u16 {
    let request = shop.bff.request(method, path).header("forwarded", client).json(body);
    read(request.header("idempotency-key", "key")).await.status
}

#[tokio::test]
async fn new_carts_of_one_client_are_limited() {
    let shop = Shop::open().await;
    let line = json!({ "sku": "onda-vase-sand", "quantity": 1 });
    for _ in 0..40 {
        assert_eq!(send(&shop, CLIENT, (Method::POST, "/cart/lines"), &line).await, 200);
    }
    assert_eq!(send(&shop, CLIENT, (Method::POST, "/cart/lines"), &line).await, 429);
    assert_eq!(
        send(&shop, "for=203.0.113.8", (Method::POST, "/cart/lines"), &line).await,
        200
    );
    // Whoever has a cart goes on.
    assert_eq!(shop.post("/cart/lines", &line).await.status, 200);
}

#[tokio::test]
async fn quotes_for_one_client_are_limited() {
    let shop = Shop::open().await;
    let page = async |client: &str| {
        let request = shop.bff.request(Method::GET, "/checkout").header("cookie", CART);
        read(request.header("forwarded", client)).await.status
    };
    for _ in 0..40 {
        assert_eq!(page(CLIENT).await, 200);
    }
    assert_eq!(page(CLIENT).await, 429);
    assert_eq!(page("for=203.0.113.8").await, 200);
    assert_eq!(shop.pricing.received("post", "/quotes").await.len(), 41);
}

/// Only refused ones count: an office behind one address can buy as much as it likes.
#[tokio::test]
async fn refused_cards_of_one_client_are_limited() {
    let shop = Shop::open().await;
    let form = Contract::of("bffs/checkout").request("post", "/orders");
    let place = async |client: &str| {
        let request = shop.bff.request(Method::POST, "/orders").header("cookie", CART);
        let request = request.header("forwarded", client).header("idempotency-key", "key");
        read(request.json(&form)).await.status
    };
    for _ in 0..8 {
        assert_eq!(place(CLIENT).await, 201);
    }
    let declined = problem(StatusCode::PAYMENT_REQUIRED, "card-declined", &json!([]));
    shop.orders.answers("post", "/orders", 402, &declined).await;
    for _ in 0..4 {
        assert_eq!(place(CLIENT).await, 402);
    }
    let asked = shop.payments.received("post", "/payment-methods").await.len();
    assert_eq!(place(CLIENT).await, 429);
    assert_eq!(
        shop.payments.received("post", "/payment-methods").await.len(),
        asked,
        "before the card is tried"
    );
    assert_eq!(place("for=203.0.113.8").await, 402);
}
