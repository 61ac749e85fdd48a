use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::Double;
use testkit::wiremock::matchers::{method, path, query_param, query_param_is_missing};
use testkit::wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{Shop, bff};

/// All views with products.
const PAGES: [&str; 6] = [
    "/home",
    "/categories/vases",
    "/categories/vases?sort=name",
    "/categories/vases?sort=-price",
    "/search?q=onda",
    "/recommendations?for=alba-bowl",
];

#[tokio::test]
async fn products_are_shown_without_prices() {
    let shop = Shop::open().await;
    shop.pricing.answers("get", "/prices", 500, &json!({})).await;
    for page in PAGES {
        let (status, view) = shop.bff.get(page).await;
        assert_eq!(
            (status.as_u16(), &view["products"][0]["name"]),
            (200, &json!("Onda vase")),
            "{page}"
        );
        assert_eq!(view["products"][0]["price"], Value::Null, "{page}");
    }
}

#[tokio::test]
async fn hanging_pricing_does_not_delay_pages() {
    let shop = Shop::open().await;
    shop.pricing.hangs("get", "/prices", 30).await;
    let begun = Instant::now();
    let (status, view) = shop.bff.get("/home").await;
    assert_eq!((status.as_u16(), &view["products"][0]["price"]), (200, &Value::Null));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn home_page_is_shown_without_stories() {
    let shop = Shop::open().await;
    shop.catalog.answers("get", "/stories", 500, &json!({})).await;
    let (status, view) = shop.bff.get("/home").await;
    assert_eq!((status.as_u16(), &view["stories"]), (200, &json!([])));
    shop.catalog.hangs("get", "/stories", 30).await;
    let begun = Instant::now();
    assert_eq!(shop.bff.get("/home").await.1["stories"], json!([]));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn failing_catalog_is_unavailable() {
    let shop = Shop::open().await;
    let cause = json!({ "detail": "relation does not exist" });
    for path in ["/categories", "/categories/{slug}", "/products", "/shops"] {
        shop.catalog.answers("get", path, 500, &cause).await;
    }
    for page in PAGES.into_iter().chain(["/header", "/search", "/stores"]) {
        let (status, problem) = shop.bff.get(page).await;
        assert_eq!(
            (status.as_u16(), &problem["type"]),
            (503, &json!("urn:problem:unavailable")),
            "{page}"
        );
        assert!(!problem.to_string().contains("relation"), "{problem}");
    }
}

#[tokio::test]
async fn unknown_category_is_not_found() {
    let shop = Shop::open().await;
    let missing = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404 });
    shop.catalog.answers("get", "/categories/{slug}", 404, &missing).await;
    let long = "x".repeat(5000);
    for slug in ["no-such-thing", "..%2Fproducts", "%00", "%FF", "%3Cb%3E", "Ä", &long] {
        let (status, problem) = shop.bff.get(&format!("/categories/{slug}")).await;
        assert_eq!(
            (status.as_u16(), &problem["type"]),
            (404, &json!("urn:problem:not-found")),
            "{slug}"
        );
    }
}

#[tokio::test]
async fn invalid_cursor_is_rejected() {
    let shop = Shop::open().await;
    let refusal = json!({ "type": "urn:problem:invalid-query", "title": "Invalid query", "status": 400 });
    shop.catalog.answers("get", "/products", 400, &refusal).await;
    let (status, problem) = shop.bff.get("/categories/vases?after=nonsense").await;
    assert_eq!(
        (status.as_u16(), &problem["type"]),
        (400, &json!("urn:problem:invalid-query"))
    );
}

#[tokio::test]
async fn category_products_are_paginated() {
    let catalog = MockServer::start().await;
    let vases = json!({ "slug": "vases", "name": "Vases", "summary": "For one branch.", "picture": null });
    let category = Mock::given(path("/categories/vases"));
    category
        .respond_with(ResponseTemplate::new(200).set_body_json(vases))
        .mount(&catalog)
        .await;
    let answer = |next| ResponseTemplate::new(200).set_body_json(json!({ "items": [], "next": next, "total": 30 }));
    let products = || {
        Mock::given(method("GET"))
            .and(path("/products"))
            .and(query_param("category", "vases"))
    };
    let first = products().and(query_param_is_missing("after"));
    first.respond_with(answer(Some("a&b="))).mount(&catalog).await;
    let second = products().and(query_param("after", "a&b="));
    second.respond_with(answer(None)).mount(&catalog).await;

    let bff = bff(&catalog.uri(), &Double::of("services/pricing").await.url()).await;
    assert_eq!(bff.get("/categories/vases").await.1["next"], "a&b=");
    let (status, view) = bff.get("/categories/vases?after=a%26b%3D").await;
    assert_eq!((status.as_u16(), &view["next"]), (200, &Value::Null));
}

#[tokio::test]
async fn prices_are_requested_in_batches() {
    let shop = Shop::open().await;
    let variants: Vec<Value> = (0..100)
        .map(|number| json!({ "sku": format!("sku-{number}") }))
        .collect();
    let product = |slug: &str| json!({ "slug": slug, "name": slug, "vendor": "M", "pictures": [], "variants": variants, "related": [] });
    let page = json!({ "items": [product("one"), product("two"), product("three")], "next": null, "total": 3 });
    shop.catalog.answers("get", "/products", 200, &page).await;
    let view = shop.bff.get("/home").await.1;
    assert_eq!(view["products"].as_array().unwrap().len(), 3);
    assert_eq!(shop.pricing.received("get", "/prices").await.len(), 3);
}
