//! An order that awaits payment, as cart and checkout show it, and an order that was placed from another page.

use serde_json::{Value, json};
use testkit::Contract;

use crate::{Shop, problem};

const ORDER: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

impl Shop {
    /// Makes orders answer a query by this parameter with these orders.
    async fn orders_of(&self, parameter: &'static str, orders: &[Value]) {
        let page = json!({ "items": orders, "next": null });
        self.orders
            .answers_with_parameter("get", "/orders", parameter, 200, &page)
            .await;
    }

    /// Makes orders answer every query with these orders.
    async fn has_orders(&self, orders: &[Value]) {
        let page = json!({ "items": orders, "next": null });
        self.orders.answers("get", "/orders", 200, &page).await;
    }
}

fn order(status: &str) -> Value {
    let mut order = Contract::of("services/orders").answer("get", "/orders/{id}", 200);
    order["status"] = json!(status);
    order["in_progress"] = json!(true);
    order
}

fn waiting() -> Value {
    let mut order = order("awaiting_payment");
    order["redirect_url"] = json!("http://bank.example/ask");
    order
}

#[tokio::test]
async fn cart_and_checkout_show_the_waiting_order() {
    let shop = Shop::open().await;
    shop.has_orders(&[order("cancelled"), waiting()]).await;
    let expected = json!({
        "id": ORDER, "number": "S-7K3M9QXD", "total": { "minor": 5290, "currency": "EUR" },
        "paid_by": "card", "redirect_url": "http://bank.example/ask",
    });
    for path in ["/cart", "/checkout"] {
        assert_eq!(shop.get(path).await.body["waiting_order"], expected, "{path}");
    }
    // Even after the cart has changed.
    shop.has_cart(json!([])).await;
    for path in ["/cart", "/checkout"] {
        assert_eq!(shop.get(path).await.body["waiting_order"], expected, "{path}");
        let (_, strangers) = shop.bff.get(path).await;
        assert_eq!(strangers["waiting_order"], Value::Null, "{path}");
    }
    shop.has_orders(&[order("confirmed"), order("failed")]).await;
    for path in ["/cart", "/checkout"] {
        assert_eq!(shop.get(path).await.body["waiting_order"], Value::Null, "{path}");
    }
}

#[tokio::test]
async fn pages_are_shown_without_orders() {
    let shop = Shop::open().await;
    shop.orders.answers("get", "/orders", 500, &json!({})).await;
    for path in ["/cart", "/checkout"] {
        let page = shop.get(path).await;
        assert_eq!(
            (page.status, &page.body["waiting_order"]),
            (200, &Value::Null),
            "{path}"
        );
    }
}

#[tokio::test]
async fn waiting_order_is_cancelled_with_the_cookie_of_its_cart() {
    let shop = Shop::open().await;
    let path = format!("/orders/{ORDER}/cancellation");
    let answer = shop.post(&path, &json!({})).await;
    assert_eq!((answer.status, &answer.body["outcome"]), (200, &json!("rejected")));
    let sent = shop.orders.received("post", &path).await;
    assert_eq!(sent, [json!({ "cart": "9c0d7e86-3f7a-4d0b-8f56-2f3f6a1d5b42" })]);

    let (status, _) = shop.bff.post(&path, "key", &json!({})).await;
    assert_eq!(status, 404, "without a cart");
    assert_eq!(shop.orders.received("post", &path).await.len(), 1);
    for (code, kind) in [(404, "not-found"), (409, "order-decided")] {
        let status = reqwest::StatusCode::from_u16(code).expect("a status");
        let rejection = problem(status, kind, &json!([]));
        shop.orders
            .answers("post", "/orders/{id}/cancellation", code, &rejection)
            .await;
        let answer = shop.post(&path, &json!({})).await;
        assert_eq!((answer.status, &answer.body["type"]), (code, &rejection["type"]));
    }
    shop.orders
        .answers("post", "/orders/{id}/cancellation", 500, &json!({}))
        .await;
    assert_eq!(shop.post(&path, &json!({})).await.status, 503);
}

fn form() -> Value {
    Contract::of("bffs/checkout").request("post", "/orders")
}

/// The order was placed in another tab and has emptied the cart: the problem names that order.
#[tokio::test]
async fn second_page_gets_the_order_of_the_first() {
    let shop = Shop::open().await;
    let mut of_other_things = order("completed");
    of_other_things["lines"][0]["quantity"] = json!(2);
    let mut long_ago = order("completed");
    long_ago["placed_at"] = json!("2020-06-01T10:00:00Z");
    let cases = [
        (order("completed"), "cart-ordered"),
        (waiting(), "cart-ordered"),
        (order("rejected"), "total-changed"),
        (of_other_things, "total-changed"),
        (long_ago, "total-changed"),
    ];
    shop.has_cart(json!([])).await;
    for (order, kind) in cases {
        // No order has this page's key.
        shop.orders_of("key", &[]).await;
        shop.orders_of("cart", &[order]).await;
        let answer = shop.post("/orders", &form()).await;
        assert_eq!(
            (answer.status, &answer.body["type"]),
            (409, &json!(format!("urn:problem:{kind}")))
        );
        let named = answer.body.get("order");
        assert_eq!(named, (kind == "cart-ordered").then_some(&json!(ORDER)));
    }
    assert!(shop.orders.received("post", "/orders").await.is_empty());
    assert!(shop.payments.received("post", "/payment-methods").await.is_empty());
}

/// Orders knows best.
#[tokio::test]
async fn order_named_by_a_rejection_of_orders_is_passed_on() {
    let shop = Shop::open().await;
    for kind in ["cart-ordered", "quote-used"] {
        let mut rejection = problem(reqwest::StatusCode::CONFLICT, kind, &json!([]));
        rejection["order"] = json!(ORDER);
        shop.orders.answers("post", "/orders", 409, &rejection).await;
        let answer = shop.post("/orders", &form()).await;
        assert_eq!(
            (answer.status, &answer.body["type"]),
            (409, &json!("urn:problem:cart-ordered"))
        );
        assert_eq!(answer.body["order"], ORDER);
    }
}
