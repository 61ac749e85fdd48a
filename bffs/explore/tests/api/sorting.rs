use serde_json::{Value, json};
use testkit::Double;
use testkit::wiremock::matchers::{method, path, query_param, query_param_is_missing};
use testkit::wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{Shop, bff};

fn product(number: usize) -> Value {
    let slug = format!("vase-{number:02}");
    let variants = json!([{ "sku": slug }]);
    json!({ "slug": slug, "name": slug, "vendor": "M", "pictures": [], "variants": variants, "related": [] })
}

/// A catalog with thirty vases, twenty of them on the first page, and the prices of all but the last.
async fn thirty() -> (MockServer, MockServer) {
    let catalog = MockServer::start().await;
    let vases = json!({ "slug": "vases", "name": "Vases", "summary": "For one branch.", "picture": null });
    Mock::given(path("/categories/vases"))
        .respond_with(ResponseTemplate::new(200).set_body_json(vases))
        .mount(&catalog)
        .await;
    let products = || {
        Mock::given(method("GET"))
            .and(path("/products"))
            .and(query_param("category", "vases"))
    };
    let answer = |range: std::ops::Range<usize>, next: Option<&str>| {
        let items: Vec<Value> = range.map(product).collect();
        ResponseTemplate::new(200).set_body_json(json!({ "items": items, "next": next, "total": 30 }))
    };
    let first = products().and(query_param_is_missing("after"));
    first.respond_with(answer(0..20, Some("more"))).mount(&catalog).await;
    let second = products().and(query_param("after", "more"));
    second.respond_with(answer(20..30, None)).mount(&catalog).await;

    let pricing = MockServer::start().await;
    let price = |number: usize| {
        let minor = number * 7 % 29 * 100;
        json!({ "sku": format!("vase-{number:02}"), "price": { "minor": minor, "currency": "EUR" } })
    };
    let prices: Vec<Value> = (0..29).map(price).collect();
    Mock::given(path("/prices"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "items": prices })))
        .mount(&pricing)
        .await;
    (catalog, pricing)
}

#[tokio::test]
async fn category_is_sorted_by_price_across_pages() {
    let (catalog, pricing) = thirty().await;
    let bff = bff(&catalog.uri(), &pricing.uri()).await;
    for (sort, mut expected) in [
        ("price", (0..29).collect::<Vec<i64>>()),
        ("-price", (0..29).rev().collect()),
    ] {
        let first = bff.get(&format!("/categories/vases?sort={sort}")).await.1;
        assert_eq!((&first["total"], &first["sort"]), (&json!(30), &json!(sort)));
        let next = first["next"].as_str().unwrap();
        let second = bff.get(&format!("/categories/vases?sort={sort}&after={next}")).await.1;
        assert_eq!(second["next"], Value::Null);
        let cards = [&first, &second].map(|page| page["products"].as_array().unwrap());
        assert_eq!(cards.map(Vec::len), [24, 6]);
        let minors: Vec<i64> = cards
            .into_iter()
            .flatten()
            .map(|card| card["price"]["price"]["minor"].as_i64().unwrap_or(-100) / 100)
            .collect();
        expected.push(-1);
        assert_eq!(minors, expected, "{sort}: a product without a price is last");
    }
}

#[tokio::test]
async fn category_sorted_by_price_is_shown_without_prices() {
    let (catalog, _) = thirty().await;
    let dead = Double::of("services/pricing").await;
    dead.answers("get", "/prices", 500, &json!({})).await;
    let bff = bff(&catalog.uri(), &dead.url()).await;
    let (status, view) = bff.get("/categories/vases?sort=price").await;
    assert_eq!(
        (status.as_u16(), &view["products"][0]["name"]),
        (200, &json!("vase-00"))
    );
}

#[tokio::test]
async fn name_and_newest_are_sorted_by_catalog() {
    let catalog = MockServer::start().await;
    let vases = json!({ "slug": "vases", "name": "Vases", "summary": "For one branch.", "picture": null });
    Mock::given(path("/categories/vases"))
        .respond_with(ResponseTemplate::new(200).set_body_json(vases))
        .mount(&catalog)
        .await;
    for sort in ["newest", "name"] {
        let mut product = product(1);
        product["name"] = json!(sort);
        let page = json!({ "items": [product], "next": "n", "total": 7 });
        Mock::given(path("/products"))
            .and(query_param("sort", sort))
            .respond_with(ResponseTemplate::new(200).set_body_json(page))
            .mount(&catalog)
            .await;
    }
    let bff = bff(&catalog.uri(), &Double::of("services/pricing").await.url()).await;
    for (query, sort) in [("", "newest"), ("?sort=newest", "newest"), ("?sort=name", "name")] {
        let view = bff.get(&format!("/categories/vases{query}")).await.1;
        assert_eq!(
            (&view["sort"], &view["products"][0]["name"]),
            (&json!(sort), &json!(sort)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn invalid_sort_orders_and_cursors_are_rejected() {
    let shop = Shop::open().await;
    let huge = "9".repeat(40);
    let queries = [
        "sort=",
        "sort=PRICE",
        "sort=%00",
        "sort=price&after=b",
        "sort=-price&after=-1",
        "sort=price&after=",
        "sort=price&after=24",
    ];
    for query in queries
        .into_iter()
        .map(str::to_owned)
        .chain([format!("sort=price&after={huge}")])
    {
        let (status, problem) = shop.bff.get(&format!("/categories/vases?{query}")).await;
        assert_eq!(
            (status.as_u16(), &problem["type"]),
            (400, &json!("urn:problem:invalid-query")),
            "{query}"
        );
    }
    let (status, view) = shop.bff.get("/categories/vases?sort=price&after=9000000.zebra").await;
    assert_eq!((status.as_u16(), &view["products"]), (200, &json!([])));
}
