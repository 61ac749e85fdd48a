use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::Contract;

use crate::{CART, Shop, pointers, problem, read, signed};

fn form() -> Value {
    Contract::of("bffs/checkout").request("post", "/orders")
}

/// The documented form with some fields changed.
fn form_with(changes: &[(&str, Value)]) -> Value {
    let mut form = form();
    for (name, value) in changes {
        form[*name] = value.clone();
    }
    form
}

#[tokio::test]
async fn order_needs_an_idempotency_key() {
    let shop = Shop::open().await;
    let request = shop
        .bff
        .request(Method::POST, "/orders")
        .header("cookie", CART)
        .json(&form());
    let answer = read(request).await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (400, &json!("urn:problem:idempotency-key"))
    );
    assert_eq!(shop.post("/orders", &form()).await.status, 201);
    assert_eq!(shop.orders.received("post", "/orders").await.len(), 1);
}

#[tokio::test]
async fn all_violations_are_reported_together() {
    let shop = Shop::open().await;
    let expected = [
        "#/email",
        "#/name",
        "#/line1",
        "#/city",
        "#/postal_code",
        "#/country",
        "#/shipping",
        "#/card_number",
        "#/card_expiry",
        "#/card_cvc",
        "#/quote",
    ];
    let answer = shop.post("/orders", &json!({ "payment": "test" })).await;
    assert_eq!((answer.status, pointers(&answer.body)), (422, expected.to_vec()));
    let answer = shop.post("/orders", &form_with(&[("email", json!(7))])).await;
    assert_eq!((answer.status, pointers(&answer.body)), (422, vec!["#/email"]));
    assert!(shop.payments.received("post", "/payment-methods").await.is_empty());
}

#[tokio::test]
async fn pointers_of_payments_and_orders_become_form_fields() {
    let shop = Shop::open().await;
    let invalid = |pointer: &str| {
        let errors = json!([{ "pointer": pointer, "detail": "This card has expired." }]);
        problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &errors)
    };
    for (theirs, ours) in [
        ("#/address/city", "#/city"),
        ("#/email", "#/email"),
        ("#/quote", "#/quote"),
    ] {
        shop.orders.answers("post", "/orders", 422, &invalid(theirs)).await;
        let answer = shop.post("/orders", &form()).await;
        assert_eq!((answer.status, pointers(&answer.body)), (422, vec![ours]));
    }
    shop.payments
        .answers("post", "/payment-methods", 422, &invalid("#/card/expiry"))
        .await;
    let answer = shop.post("/orders", &form()).await;
    assert_eq!((answer.status, pointers(&answer.body)), (422, vec!["#/card_expiry"]));
}

/// Nothing in a quote is read, and no service is called because of it, before pricing's signature is verified.
#[tokio::test]
async fn forged_quote_is_rejected_before_any_service_is_called() {
    let shop = Shop::open().await;
    let lines = json!([{ "sku": "x".repeat(70_000), "quantity": 1 }]);
    let claims =
        json!({ "country": "DE", "shipping": { "method": "standard" }, "lines": lines, "exp": 4_102_443_000_i64 });
    let mut forged = form()["quote"].as_str().unwrap().to_owned();
    forged.truncate(forged.len() - 8);
    for quote in [
        signed(&claims),
        forged + "AAAAAAAA",
        "a.e30.c".to_owned(),
        "\0".to_owned(),
    ] {
        let answer = shop.post("/orders", &form_with(&[("quote", json!(quote))])).await;
        assert_eq!((answer.status, pointers(&answer.body)), (422, vec!["#/quote"]));
    }
    assert!(shop.catalog.received("get", "/variants").await.is_empty());
    assert!(shop.payments.received("post", "/payment-methods").await.is_empty());
    assert!(shop.orders.received("post", "/orders").await.is_empty());
}

/// The cheap check comes before the card.
#[tokio::test]
async fn expired_quote_is_rejected_before_the_card_is_tried() {
    let shop = Shop::open().await;
    let lines = json!([{ "sku": "onda-vase-sand", "quantity": 1 }]);
    let claims = json!({ "country": "DE", "shipping": { "method": "standard" }, "lines": lines, "exp": 1_700_000_000 });
    let form = form_with(&[("quote", json!(signed(&claims)))]);
    // Orders knows the key: the same form sent again gets the same answer.
    assert_eq!(shop.post("/orders", &form).await.status, 201);
    shop.has_no_orders().await;
    let asked = shop.payments.received("post", "/payment-methods").await.len();
    let answer = shop.post("/orders", &form).await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (409, &json!("urn:problem:quote-expired"))
    );
    assert_eq!(shop.payments.received("post", "/payment-methods").await.len(), asked);
}

#[tokio::test]
async fn order_is_rejected_when_the_total_has_changed() {
    let shop = Shop::open().await;
    shop.has_no_orders().await;
    let changed = async |form: Value| {
        let answer = shop.post("/orders", &form).await;
        assert_eq!(
            (answer.status, &answer.body["type"]),
            (409, &json!("urn:problem:total-changed"))
        );
    };
    changed(form_with(&[("country", json!("FR"))])).await;
    changed(form_with(&[("shipping", json!("express"))])).await;
    shop.has_cart(json!([{ "sku": "onda-vase-sand", "quantity": 2 }])).await;
    changed(form()).await;
    let two = [("onda-vase-sand", 1), ("onda-vase-sea", 1)]
        .map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity }));
    shop.has_cart(json!(two)).await;
    changed(form()).await;
    assert!(shop.orders.received("post", "/orders").await.is_empty());
    assert!(shop.payments.received("post", "/payment-methods").await.is_empty());
}

#[tokio::test]
async fn item_that_is_no_longer_sold_is_not_ordered() {
    let shop = Shop::open().await;
    shop.catalog
        .answers("get", "/variants", 200, &json!({ "items": [] }))
        .await;
    let answer = shop.post("/orders", &form()).await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (409, &json!("urn:problem:total-changed"))
    );
}

/// The page's quote leaves discontinued items out, but nothing can be ordered while they are in the cart.
#[tokio::test]
async fn discontinued_item_must_be_removed_first() {
    let shop = Shop::open().await;
    shop.has_no_orders().await;
    let vase = json!({ "sku": "onda-vase-sand", "quantity": 1 });
    shop.has_cart(json!([{ "sku": "long-forgotten", "quantity": 3 }, vase]))
        .await;
    let answer = shop.post("/orders", &form()).await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (409, &json!("urn:problem:total-changed"))
    );
    assert!(shop.orders.received("post", "/orders").await.is_empty());
    shop.has_cart(json!([vase])).await;
    assert_eq!(shop.post("/orders", &form()).await.status, 201);
}

/// Neither is it paid nor compared with the quote.
#[tokio::test]
async fn price_stored_in_the_cart_is_ignored() {
    let shop = Shop::open().await;
    let price = json!({ "minor": 1, "currency": "EUR" });
    shop.has_cart(json!([{ "sku": "onda-vase-sand", "quantity": 1, "unit_price": price }]))
        .await;
    assert_eq!(shop.post("/orders", &form()).await.status, 201);
    let sent = shop.orders.received("post", "/orders").await;
    assert_eq!(sent[0]["quote"], form()["quote"], "the quote that was shown");
}

#[tokio::test]
async fn same_form_gives_the_same_order_after_the_cart_was_emptied() {
    let shop = Shop::open().await;
    let first = shop.post("/orders", &form()).await;
    // Or after another item was added.
    let bowl = json!({ "sku": "alba-bowl-milk", "quantity": 1 });
    for left in [json!([]), json!([bowl])] {
        shop.has_cart(left).await;
        let again = shop.post("/orders", &form()).await;
        assert_eq!((again.status, &again.body), (201, &first.body));
    }
    let sent = shop.orders.received("post", "/orders").await;
    assert_eq!(sent[0], sent[1], "the same request with the same key");
    assert_eq!(sent[0], sent[2]);
}

/// The second page has its own key, and shows lines that are no longer in the cart.
#[tokio::test]
async fn second_page_cannot_order_the_same_cart_again() {
    let shop = Shop::open().await;
    shop.has_no_orders().await;
    shop.has_cart(json!([])).await;
    let answer = shop.post("/orders", &form()).await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (409, &json!("urn:problem:total-changed"))
    );
    assert!(shop.orders.received("post", "/orders").await.is_empty());
}

#[tokio::test]
async fn order_in_progress_is_accepted_with_202() {
    let shop = Shop::open().await;
    let mut order = Contract::of("services/orders").answer("post", "/orders", 201);
    for (status, code) in [
        ("placed", 202),
        ("awaiting_payment", 202),
        ("packed", 202),
        ("confirmed", 201),
        ("completed", 201),
    ] {
        order["status"] = json!(status);
        shop.orders.answers("post", "/orders", code, &order).await;
        let answer = shop.post("/orders", &form()).await;
        assert_eq!((answer.status, &answer.body["id"]), (code, &order["id"]), "{status}");
    }
}

/// Orders answers within two seconds, or not at all.
#[tokio::test]
async fn call_to_orders_times_out() {
    let shop = Shop::open().await;
    shop.orders.hangs("post", "/orders", 6).await;
    let begun = std::time::Instant::now();
    assert_eq!(shop.post("/orders", &form()).await.status, 503);
    let took = begun.elapsed().as_secs_f32();
    assert!((2.5..5.0).contains(&took), "{took} s");
}

#[tokio::test]
async fn order_without_a_cart_is_rejected() {
    let shop = Shop::open().await;
    shop.has_no_orders().await;
    let (status, problem) = shop.bff.post("/orders", "key-1", &form()).await;
    assert_eq!(
        (status.as_u16(), &problem["type"]),
        (409, &json!("urn:problem:total-changed"))
    );
    assert!(shop.orders.received("post", "/orders").await.is_empty());
}

#[tokio::test]
async fn rejections_of_orders_are_passed_on() {
    let shop = Shop::open().await;
    let short = json!([{ "pointer": "#/lines/0/quantity", "detail": "Only 2 left." }]);
    for (status, kind, errors) in [
        (StatusCode::PAYMENT_REQUIRED, "card-declined", json!([])),
        (StatusCode::CONFLICT, "out-of-stock", short),
        (StatusCode::CONFLICT, "quote-expired", json!([])),
    ] {
        let rejection = problem(status, kind, &errors);
        shop.orders
            .answers("post", "/orders", status.as_u16(), &rejection)
            .await;
        let answer = shop.post("/orders", &form()).await;
        assert_eq!(
            (answer.status, &answer.body["type"]),
            (status.as_u16(), &rejection["type"])
        );
        assert_eq!(answer.body.get("errors").unwrap_or(&json!([])), &errors);
    }
    for (status, kind) in [
        (StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused"),
        (StatusCode::CONFLICT, "quote-used"),
        (StatusCode::CONFLICT, "cart-ordered"),
    ] {
        let reused = problem(status, kind, &json!([]));
        shop.orders.answers("post", "/orders", status.as_u16(), &reused).await;
        let answer = shop.post("/orders", &form()).await;
        assert_eq!(
            (answer.status, &answer.body["type"]),
            (409, &json!("urn:problem:total-changed"))
        );
    }
}

#[tokio::test]
async fn failed_service_is_unavailable_and_not_a_rejection() {
    let shop = Shop::open().await;
    shop.orders
        .answers("post", "/orders", 500, &json!({ "detail": "database is locked" }))
        .await;
    let answer = shop.post("/orders", &form()).await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (503, &json!("urn:problem:unavailable"))
    );
    assert!(!answer.body.to_string().contains("locked"));
    shop.payments.answers("post", "/payment-methods", 500, &json!({})).await;
    assert_eq!(shop.post("/orders", &form()).await.status, 503);
}

#[tokio::test]
async fn order_has_an_outcome_for_each_status() {
    let shop = Shop::open().await;
    for id in ["no-such-order", "%00", "..", "1"] {
        assert_eq!(shop.bff.get(&format!("/orders/{id}")).await.0, 404, "{id}");
    }
    let mut order = Contract::of("services/orders").answer("get", "/orders/{id}", 200);
    for (status, outcome) in [
        ("placed", "in_progress"),
        ("packed", "in_progress"),
        ("cancelled", "rejected"),
        ("failed", "rejected"),
        ("confirmed", "accepted"),
    ] {
        order["status"] = json!(status);
        shop.orders.answers("get", "/orders/{id}", 200, &order).await;
        let (_, view) = shop.bff.get("/orders/01890a5d-ac96-774b-bcce-b302099a8057").await;
        assert_eq!(view["outcome"], outcome);
    }
    let missing = problem(StatusCode::NOT_FOUND, "not-found", &json!([]));
    shop.orders.answers("get", "/orders/{id}", 404, &missing).await;
    assert_eq!(
        shop.bff.get("/orders/01890a5d-ac96-774b-bcce-b302099a8057").await.0,
        404
    );
}
