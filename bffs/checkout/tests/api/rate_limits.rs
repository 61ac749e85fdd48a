//! Rate limits per client.

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
    // A client that has a cart is not limited.
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

/// Places the documented order.
async fn place(shop: &Shop, client: &str) -> u16 {
    let form = Contract::of("bffs/checkout").request("post", "/orders");
    let request = shop.bff.request(Method::POST, "/orders").header("cookie", CART);
    let request = request.header("forwarded", client).header("idempotency-key", "key");
    read(request.json(&form)).await.status
}

/// Only declined cards count: an office behind one address can order without limit.
#[tokio::test]
async fn declined_cards_of_one_client_are_limited() {
    let shop = Shop::open().await;
    let place = async |client: &str| place(&shop, client).await;
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
        "rejected before the card is tried"
    );
    assert_eq!(place("for=203.0.113.8").await, 402);
}

/// Payments tells whether a number is valid, so a client must not try numbers without limit. Another wrong field tells nothing
/// about the number.
#[tokio::test]
async fn invalid_card_numbers_of_one_client_are_limited() {
    let shop = Shop::open().await;
    let rejects = async |pointer: &str| {
        let problem = Contract::of("services/payments").problem("post", "/payment-methods", "invalid");
        let mut problem = serde_json::to_value(problem).expect("JSON");
        problem["errors"] = json!([{ "pointer": pointer, "detail": "This is not valid." }]);
        shop.payments.answers("post", "/payment-methods", 422, &problem).await;
    };
    rejects("#/card/expiry").await;
    for _ in 0..8 {
        assert_eq!(place(&shop, CLIENT).await, 422);
    }
    rejects("#/card/number").await;
    for _ in 0..4 {
        assert_eq!(place(&shop, CLIENT).await, 422);
    }
    let asked = shop.payments.received("post", "/payment-methods").await.len();
    assert_eq!(place(&shop, CLIENT).await, 429);
    assert_eq!(
        shop.payments.received("post", "/payment-methods").await.len(),
        asked,
        "rejected before the number is tried"
    );
    assert_eq!(place(&shop, "for=203.0.113.8").await, 422);
}
