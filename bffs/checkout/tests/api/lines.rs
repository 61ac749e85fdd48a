use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::wiremock::matchers::method;
use testkit::wiremock::{Mock, MockServer, ResponseTemplate};
use testkit::{CODES, Contract, encoded};

use crate::{CART, Shop, pointers, problem, read};

fn vase(quantity: i64) -> Value {
    json!({ "sku": "onda-vase-sand", "quantity": quantity })
}

#[tokio::test]
async fn first_line_creates_the_cart() {
    let shop = Shop::open().await;
    let request = shop.bff.request(Method::POST, "/cart/lines").json(&vase(1));
    let answer = read(request).await;
    assert_eq!(answer.status, 200);
    let expected = format!("{CART}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000");
    assert_eq!(answer.cookie.as_deref(), Some(&*expected));
    assert_eq!(shop.cart.received("post", "/carts").await.len(), 1);

    assert_eq!(
        shop.post("/cart/lines", &vase(1)).await.cookie.as_deref(),
        Some(&*expected)
    );
    assert_eq!(
        shop.cart.received("post", "/carts").await.len(),
        1,
        "the cart exists by now"
    );
}

/// Other cookies may hold any bytes.
#[tokio::test]
async fn cart_is_found_among_other_cookies() {
    let shop = Shop::open().await;
    let cookies = [b"city=Z\xfcrich; ", CART.as_bytes(), "; theme=dunkel-grün".as_bytes()].concat();
    let request = shop.bff.request(Method::POST, "/cart/lines").json(&vase(1));
    let answer = read(request.header("cookie", &cookies[..])).await;
    assert_eq!(answer.status, 200);
    assert_eq!(shop.cart.received("post", "/carts").await.len(), 0, "another cart");
}

#[tokio::test]
async fn cart_cookie_is_secure_with_tls() {
    let shop = Shop::open().await;
    for (client, is_secure) in [("for=192.0.2.1;proto=https", true), ("for=192.0.2.1", false)] {
        let request = shop.bff.request(Method::POST, "/cart/lines").json(&vase(1));
        let cookie = read(request.header("forwarded", client)).await.cookie.unwrap();
        assert_eq!(cookie.split("; ").any(|word| word == "Secure"), is_secure, "{cookie}");
    }
}

#[tokio::test]
async fn expired_cart_is_replaced() {
    let shop = Shop::open().await;
    let missing = problem(StatusCode::NOT_FOUND, "not-found", &json!([]));
    let expired = "00000000-0000-4000-8000-000000000000";
    let path = format!("/carts/{expired}/lines");
    shop.cart.answers("post", &path, 404, &missing).await;
    let request = shop.bff.request(Method::POST, "/cart/lines").json(&vase(1));
    let answer = read(request.header("cookie", format!("cart={expired}"))).await;
    assert_eq!(answer.status, 200);
    assert!(answer.cookie.unwrap().starts_with(CART));
}

#[tokio::test]
async fn invalid_lines_are_rejected_with_the_field() {
    let shop = Shop::open().await;
    let huge = "x".repeat(10_000);
    for sku in [
        "no-such-thing",
        "",
        "' or 1=1 --",
        "<b>",
        "ä",
        "a\0b",
        "..",
        "a,onda-vase-sand",
        &huge,
    ] {
        let answer = shop.post("/cart/lines", &json!({ "sku": sku, "quantity": 1 })).await;
        assert_eq!((answer.status, pointers(&answer.body)), (422, vec!["#/sku"]), "{sku}");
    }
    for quantity in [
        json!(0),
        json!(-1),
        json!(100),
        json!(1_000_000_000),
        json!(1.5),
        json!("many"),
        json!(null),
    ] {
        let line = json!({ "sku": "onda-vase-sand", "quantity": quantity });
        let answer = shop.post("/cart/lines", &line).await;
        assert_eq!(
            (answer.status, pointers(&answer.body)),
            (422, vec!["#/quantity"]),
            "{quantity}"
        );
    }
    for quantity in [-1, 100, i64::MAX] {
        let answer = shop.send(Method::PUT, "/cart/lines", Some(&vase(quantity))).await;
        assert_eq!(
            (answer.status, pointers(&answer.body)),
            (422, vec!["#/quantity"]),
            "{quantity}"
        );
    }
    assert_eq!(
        shop.cart.received("post", "/carts").await.len(),
        0,
        "no cart is created for an invalid line"
    );
}

#[tokio::test]
async fn malformed_and_oversized_bodies_are_rejected() {
    let shop = Shop::open().await;
    let send = async |body: String| {
        let request = shop
            .bff
            .request(Method::POST, "/cart/lines")
            .header("content-type", "application/json");
        read(request.body(body)).await.status
    };
    assert_eq!(send("{".to_owned()).await, 400);
    assert_eq!(send("[]".to_owned()).await, 422);
    assert_eq!(send(format!("{{\"sku\":\"{}\"}}", "x".repeat(600_000))).await, 413);
}

#[tokio::test]
async fn rejection_of_the_cart_service_has_the_fields_detail() {
    let shop = Shop::open().await;
    let errors = json!([{ "pointer": "#/quantity", "detail": "The cart has 98 of it already, and 99 is the most." }]);
    let full = problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &errors);
    shop.cart.answers("post", "/carts/{id}/lines", 422, &full).await;
    let answer = shop.post("/cart/lines", &vase(2)).await;
    assert_eq!((answer.status, pointers(&answer.body)), (422, vec!["#/quantity"]));
    assert_eq!(
        answer.body["detail"],
        "The cart has 98 of it already, and 99 is the most."
    );
}

#[tokio::test]
async fn only_lines_in_the_cart_can_be_changed() {
    let shop = Shop::open().await;
    for (sku, status) in [("onda-vase-sea", 404), ("a/b c", 404), ("..", 422), ("a\0", 422)] {
        let line = json!({ "sku": sku, "quantity": 2 });
        assert_eq!(
            shop.send(Method::PUT, "/cart/lines", Some(&line)).await.status,
            status,
            "{sku}"
        );
    }
    let stranger = shop.bff.put("/cart/lines", &vase(2)).await;
    assert_eq!(stranger.0, 404);
    let (status, cart) = shop.bff.delete("/cart/lines?sku=onda-vase-sand").await;
    assert_eq!((status.as_u16(), &cart["quantity"]), (200, &json!(0)));
    assert_eq!(shop.bff.delete("/cart/lines?sku=..").await.0, 400);
}

#[tokio::test]
async fn any_printable_sku_can_be_added_changed_and_removed() {
    let shop = Shop::open().await;
    let product = json!({ "slug": "any", "name": "Any" });
    let variant = |sku| json!({ "sku": sku, "label": "Any", "picture": null, "product": product });
    let price = |sku| json!({ "sku": sku, "price": { "minor": 100, "currency": "EUR" } });
    let (variants, prices) = (CODES.map(variant), CODES.map(price));
    shop.catalog
        .answers("get", "/variants", 200, &json!({ "items": variants }))
        .await;
    shop.pricing
        .answers("get", "/prices", 200, &json!({ "items": prices }))
        .await;
    shop.has_cart(json!(CODES.map(|sku| json!({ "sku": sku, "quantity": 1 }))))
        .await;
    for sku in CODES {
        let line = json!({ "sku": sku, "quantity": 2 });
        for method in [Method::POST, Method::PUT] {
            assert_eq!(shop.send(method, "/cart/lines", Some(&line)).await.status, 200, "{sku}");
        }
        let path = format!("/cart/lines?sku={}", encoded(sku));
        assert_eq!(shop.send(Method::DELETE, &path, None).await.status, 200, "{sku}");
        let availability = shop.get(&format!("/add-to-cart?sku={}", encoded(sku))).await;
        assert_eq!(availability.body["sku"], sku);
    }
    let cart = shop.get("/cart").await.body;
    let lines = cart["lines"].as_array().unwrap().iter();
    assert_eq!(lines.map(|line| &line["sku"]).collect::<Vec<_>>(), CODES);
}

#[tokio::test]
async fn nothing_is_added_without_catalog() {
    let shop = Shop::open().await;
    shop.catalog.answers("get", "/variants", 500, &json!({})).await;
    assert_eq!(shop.post("/cart/lines", &vase(1)).await.status, 503);
    assert_eq!(shop.cart.received("post", "/carts").await.len(), 0);
}

#[tokio::test]
async fn item_that_is_not_on_sale_is_not_added() {
    let shop = Shop::open().await;
    for status in ["draft", "archived"] {
        let mut found = Contract::of("services/catalog").answer("get", "/variants", 200);
        found["items"][0]["product"]["status"] = json!(status);
        shop.catalog.answers("get", "/variants", 200, &found).await;
        let answer = shop.post("/cart/lines", &vase(1)).await;
        assert_eq!(
            (answer.status, pointers(&answer.body)),
            (422, vec!["#/sku"]),
            "{status}"
        );
    }
    assert_eq!(shop.cart.received("post", "/carts").await.len(), 0);
}

#[tokio::test]
async fn current_price_is_stored_in_the_cart() {
    let shop = Shop::open().await;
    shop.post("/cart/lines", &vase(1)).await;
    shop.pricing.answers("get", "/prices", 500, &json!({})).await;
    shop.post("/cart/lines", &vase(2)).await;
    let path = format!("/carts/{}/lines", CART.trim_start_matches("cart="));
    let sent = shop.cart.received("post", &path).await;
    let mut priced = vase(1);
    priced["unit_price"] = json!({ "minor": 4800, "currency": "EUR" });
    assert_eq!(sent, [priced, vase(2)], "with the price, if it is known");
}

#[tokio::test]
async fn item_without_a_price_is_not_added() {
    let shop = Shop::open().await;
    shop.pricing
        .answers("get", "/prices", 200, &json!({ "items": [] }))
        .await;
    let answer = shop.post("/cart/lines", &vase(1)).await;
    assert_eq!((answer.status, pointers(&answer.body)), (422, vec!["#/sku"]));
}

/// A cart service whose first answer is 503.
async fn failing_once() -> MockServer {
    let server = MockServer::start().await;
    let problem = Contract::of("services/cart").problem("post", "/carts/{id}/lines", "not-ready");
    let failure = ResponseTemplate::new(503).set_body_json(problem);
    let cart = Contract::of("services/cart").answer("post", "/carts/{id}/lines", 200);
    let answer = ResponseTemplate::new(200).set_body_json(cart);
    Mock::given(method("POST"))
        .respond_with(failure)
        .up_to_n_times(1)
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    server
}

async fn keys(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    let key = |request: &testkit::wiremock::Request| request.headers["idempotency-key"].to_str().unwrap().to_owned();
    requests.iter().map(key).collect()
}

#[tokio::test]
async fn retry_has_the_same_idempotency_key() {
    let server = failing_once().await;
    let shop = Shop::open().await.with_cart_at(&server.uri()).await;
    let without_key = async || {
        let request = shop.bff.request(Method::POST, "/cart/lines").header("cookie", CART);
        read(request.json(&vase(1))).await.status
    };
    assert_eq!([without_key().await, without_key().await], [200, 200]);
    assert_eq!(shop.post("/cart/lines", &vase(1)).await.status, 200);
    let keys = keys(&server).await;
    assert_eq!(keys[0], keys[1], "a retry of the same request");
    assert_ne!(keys[1], keys[2], "another request");
    assert_eq!(keys[3], "key-1", "the caller's own key");
    let request = shop.bff.request(Method::POST, "/cart/lines").header("cookie", CART);
    let request = request.header("idempotency-key", "two words");
    assert_eq!(read(request.json(&vase(1))).await.status, 400);
}

/// The cart's 30 days are counted from its last change.
#[tokio::test]
async fn every_change_renews_the_cookie() {
    let shop = Shop::open().await;
    let line = "/cart/lines?sku=onda-vase-sand";
    let changed = shop.send(Method::PUT, "/cart/lines", Some(&vase(2))).await;
    let removed = shop.send(Method::DELETE, line, None).await;
    for answer in [changed, removed] {
        let cookie = answer.cookie.expect("a cookie");
        assert!(
            cookie.starts_with(CART) && cookie.contains("Max-Age=2592000"),
            "{cookie}"
        );
    }
    let request = shop.bff.request(Method::DELETE, line);
    assert_eq!(read(request).await.cookie, None, "without a cart");
}
