use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::Contract;

use crate::{Shop, problem};

#[tokio::test]
async fn empty_cart_has_no_quote() {
    let shop = Shop::open().await;
    let (status, view) = shop.bff.get("/checkout").await;
    assert_eq!(status, 200);
    assert_eq!((&view["cart"]["quantity"], &view["quote"]), (&json!(0), &Value::Null));
    assert!(shop.pricing.received("post", "/quotes").await.is_empty());
}

#[tokio::test]
async fn quote_is_for_the_chosen_country_and_shipping_method() {
    let shop = Shop::open().await;
    for (query, country, shipping) in [
        ("", "DE", "standard"),
        ("?country=FR&shipping=express", "FR", "express"),
        ("?country=FR&shipping=pickup", "FR", "pickup"),
        ("?country=XX&shipping=by-horse", "DE", "standard"),
        ("?country=&shipping=", "DE", "standard"),
        ("?country=%00&shipping=%3Cb%3E", "DE", "standard"),
    ] {
        let view = shop.get(&format!("/checkout{query}")).await.body;
        assert_eq!(
            (&view["country"], &view["shipping"]),
            (&json!(country), &json!(shipping)),
            "{query}"
        );
        let asked = shop.pricing.received("post", "/quotes").await.pop().unwrap();
        let lines = json!([{ "sku": "onda-vase-sand", "quantity": 1 }]);
        let expected = json!({ "currency": "EUR", "country": country, "shipping": shipping, "lines": lines });
        assert_eq!(asked, expected, "{query}");
    }
}

/// Two shops in one country.
fn shops() -> Value {
    let shop = |slug: &str| {
        json!({
            "slug": slug, "name": "Stoa", "hours": [], "position": 1,
            "address": { "line1": "Weg 1", "postal_code": "1", "city": "X", "country": "DE" },
        })
    };
    json!({ "items": [shop("berlin"), shop("hamburg")] })
}

#[tokio::test]
async fn shop_can_be_chosen() {
    let shop = Shop::open().await;
    shop.catalog.answers("get", "/shops", 200, &shops()).await;
    for (query, chosen) in [
        ("?shop=hamburg", json!("hamburg")),
        ("?shop=paris", Value::Null),
        ("?shop=%00", Value::Null),
        ("", Value::Null),
    ] {
        let view = shop.get(&format!("/checkout{query}")).await.body;
        assert_eq!(view["shop"], chosen, "{query}");
        assert_eq!(view["shops"].as_array().unwrap().len(), 2, "{query}");
    }
}

#[tokio::test]
async fn pickup_is_not_offered_without_a_shop() {
    let shop = Shop::open().await;
    for (status, answer) in [(200, json!({ "items": [] })), (500, json!({}))] {
        shop.catalog.answers("get", "/shops", status, &answer).await;
        let view = shop.get("/checkout?shipping=pickup").await.body;
        assert_eq!((&view["shipping"], &view["shop"]), (&json!("standard"), &Value::Null));
        let options = view["shipping_options"].as_array().unwrap();
        assert!(options.iter().all(|option| option["method"] != "pickup"));
    }
}

#[tokio::test]
async fn each_page_has_its_own_idempotency_key() {
    let shop = Shop::open().await;
    let key = async || shop.get("/checkout").await.body["idempotency_key"].clone();
    assert_ne!(key().await, key().await);
}

#[tokio::test]
async fn cart_without_prices_has_no_quote() {
    let shop = Shop::open().await;
    let errors = json!([{ "pointer": "#/lines/0/sku", "detail": "There is no price for this SKU." }]);
    let rejection = problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &errors);
    shop.pricing.answers("post", "/quotes", 422, &rejection).await;
    shop.pricing
        .answers("get", "/prices", 200, &json!({ "items": [] }))
        .await;
    let answer = shop.get("/checkout").await;
    assert_eq!((answer.status, &answer.body["quote"]), (200, &Value::Null));
    assert_eq!(answer.body["cart"]["lines"][0]["unit_price"], Value::Null);
}

/// The vase, and a discontinued item.
fn lines_with_a_discontinued_item() -> Value {
    json!([{ "sku": "long-forgotten", "quantity": 3 }, { "sku": "onda-vase-sand", "quantity": 1 }])
}

#[tokio::test]
async fn item_unknown_to_catalog_is_not_in_the_total() {
    let shop = Shop::open().await;
    shop.has_cart(lines_with_a_discontinued_item()).await;
    let view = shop.get("/checkout").await.body;
    let asked = shop.pricing.received("post", "/quotes").await;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["lines"], json!([{ "sku": "onda-vase-sand", "quantity": 1 }]));
    assert_eq!(view["quote"]["total"]["minor"], 5290);
    let lines = &view["cart"]["lines"];
    assert_eq!(
        (&lines[0]["discontinued"], &lines[1]["discontinued"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&lines[0]["total"], &lines[0]["available"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(view["cart"]["subtotal"]["minor"], 4800);
}

#[tokio::test]
async fn item_without_a_price_is_not_in_the_total() {
    let shop = Shop::open().await;
    let mut names = Contract::of("services/catalog").answer("get", "/variants", 200);
    let mut unpriced = names["items"][0].clone();
    unpriced["sku"] = json!("long-forgotten");
    names["items"].as_array_mut().unwrap().push(unpriced);
    shop.catalog.answers("get", "/variants", 200, &names).await;
    shop.has_cart(lines_with_a_discontinued_item()).await;
    let rejection = problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &json!([]));
    shop.pricing.answers("post", "/quotes", 422, &rejection).await;
    let view = shop.get("/checkout").await.body;
    let asked = shop.pricing.received("post", "/quotes").await;
    let lines: Vec<_> = asked.iter().map(|request| request["lines"].clone()).collect();
    let vase = json!([{ "sku": "onda-vase-sand", "quantity": 1 }]);
    assert_eq!(
        lines,
        [lines_with_a_discontinued_item(), vase],
        "first all lines, then those with a price"
    );
    let lines = &view["cart"]["lines"];
    assert_eq!(
        (&lines[0]["discontinued"], &lines[1]["discontinued"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn cart_of_discontinued_items_has_no_quote() {
    let shop = Shop::open().await;
    shop.has_cart(json!([{ "sku": "long-forgotten", "quantity": 3 }])).await;
    let view = shop.get("/checkout").await.body;
    assert_eq!((&view["quote"], &view["cart"]["quantity"]), (&Value::Null, &json!(3)));
    assert!(shop.pricing.received("post", "/quotes").await.is_empty());
}

#[tokio::test]
async fn checkout_needs_pricing() {
    let shop = Shop::open().await;
    for (method, path) in [("post", "/quotes"), ("get", "/shipping"), ("get", "/countries")] {
        shop.pricing.answers(method, path, 500, &json!({})).await;
        let answer = shop.get("/checkout").await;
        assert_eq!(
            (answer.status, &answer.body["type"]),
            (503, &json!("urn:problem:unavailable")),
            "{path}"
        );
    }
}
