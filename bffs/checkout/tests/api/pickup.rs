use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::Contract;

use crate::{Shop, pointers, problem, signed};

/// The documented form for a pick-up in this shop.
fn form(shop: &str) -> Value {
    let mut form = Contract::of("bffs/checkout").request("post", "/orders");
    let lines = json!([{ "sku": "onda-vase-sand", "quantity": 1 }]);
    let quote = signed(
        &json!({ "country": "DE", "shipping": { "method": "pickup" }, "lines": lines, "exp": 4_102_443_000_i64 }),
    );
    for (name, value) in [
        ("shipping", "pickup"),
        ("shop", shop),
        ("quote", &quote),
        ("line1", ""),
        ("city", ""),
        ("postal_code", ""),
        ("country", ""),
    ] {
        form[name] = json!(value);
    }
    form
}

/// The documented shop in this country.
fn berlin(country: &str) -> Value {
    let mut shop = Contract::of("services/catalog").answer("get", "/shops/{slug}", 200);
    shop["address"]["country"] = json!(country);
    shop
}

#[tokio::test]
async fn pickup_has_the_shops_address() {
    let shop = Shop::open().await;
    assert_eq!(shop.post("/orders", &form("berlin")).await.status, 201);
    let sent = shop.orders.received("post", "/orders").await;
    let expected = json!({
        "name": "Ada Lovelace", "line1": "Stoa Berlin, Auguststraße 26", "line2": null,
        "postal_code": "10117", "city": "Berlin", "country": "DE",
    });
    assert_eq!(sent[0]["address"], expected);
}

#[tokio::test]
async fn pickup_needs_an_existing_shop() {
    let shop = Shop::open().await;
    let missing = problem(StatusCode::NOT_FOUND, "not-found", &json!([]));
    shop.catalog.answers("get", "/shops/{slug}", 404, &missing).await;
    for slug in ["", "paris", "..", "a/b", "\0", "<b>", &"x".repeat(9_000)] {
        let answer = shop.post("/orders", &form(slug)).await;
        assert_eq!(
            (answer.status, pointers(&answer.body)),
            (422, vec!["#/shop"]),
            "{slug:?}"
        );
    }
    shop.catalog.answers("get", "/shops/{slug}", 500, &json!({})).await;
    assert_eq!(shop.post("/orders", &form("berlin")).await.status, 503);
    assert!(shop.payments.received("post", "/payment-methods").await.is_empty());
}

#[tokio::test]
async fn shop_in_another_country_changes_the_total() {
    let shop = Shop::open().await;
    shop.catalog.answers("get", "/shops/{slug}", 200, &berlin("FR")).await;
    let answer = shop.post("/orders", &form("berlin")).await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (409, &json!("urn:problem:total-changed"))
    );
    assert!(shop.orders.received("post", "/orders").await.is_empty());
}

#[tokio::test]
async fn violations_of_the_address_are_reported_at_the_shop() {
    let shop = Shop::open().await;
    for (theirs, ours) in [("#/address/line1", "#/shop"), ("#/address/name", "#/name")] {
        let errors = json!([{ "pointer": theirs, "detail": "Must be at most 120 characters." }]);
        let rejection = problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &errors);
        shop.orders.answers("post", "/orders", 422, &rejection).await;
        let answer = shop.post("/orders", &form("berlin")).await;
        assert_eq!(pointers(&answer.body), [ours]);
    }
}
