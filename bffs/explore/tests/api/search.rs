use serde_json::json;
use testkit::Double;
use testkit::wiremock::matchers::{path, query_param};
use testkit::wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{Shop, bff};

async fn ask(shop: &Shop, q: &str) -> (u16, serde_json::Value) {
    let query = serde_urlencoded::to_string([("q", q)]).unwrap();
    let (status, view) = shop.bff.get(&format!("/search?{query}")).await;
    (status.as_u16(), view)
}

#[tokio::test]
async fn empty_search_suggests_categories_without_a_product_query() {
    let shop = Shop::open().await;
    for path in ["/search", "/search?q=", "/search?q=%20%09%00"] {
        let (status, view) = shop.bff.get(path).await;
        let suggestions = json!({
            "q": "", "total": 0, "products": [], "next": null, "categories": [{ "slug": "vases", "name": "Vases" }],
        });
        assert_eq!((status.as_u16(), view), (200, suggestions), "{path}");
    }
    assert!(shop.catalog.received("get", "/products").await.is_empty());
}

#[tokio::test]
async fn search_without_results_suggests_categories() {
    let shop = Shop::open().await;
    let nothing = json!({ "items": [], "next": null, "total": 0 });
    shop.catalog.answers("get", "/products", 200, &nothing).await;
    let (status, view) = ask(&shop, "teapot").await;
    assert_eq!(
        (status, &view["q"], &view["categories"][0]["name"]),
        (200, &json!("teapot"), &json!("Vases"))
    );
}

#[tokio::test]
async fn every_input_is_answered() {
    let shop = Shop::open().await;
    let long = "x".repeat(10_000);
    for q in [
        &*long,
        "a\0b",
        "100 %",
        "_",
        "\\",
        "' or 1=1 --",
        "\"",
        "<script>alert(1)</script>",
        "大阪 🏺",
        "\u{202e}",
    ] {
        assert_eq!(ask(&shop, q).await.0, 200, "{q:?}");
    }
    for (path, status) in [("search?q=onda", 400), ("categories/vases?sort=name", 400)] {
        let address = format!("/{path}&after={}", "'".repeat(20_000));
        assert_eq!(shop.bff.get(&address).await.0, status, "{path}");
    }
    for query in ["q=%FF", "q=a&q=b", "q=%"] {
        let status = shop.bff.get(&format!("/search?{query}")).await.0.as_u16();
        assert!(status < 500, "{query}: {status}");
    }
}

#[tokio::test]
async fn search_terms_and_cursor_are_passed_to_catalog() {
    let catalog = MockServer::start().await;
    let page = json!({ "items": [], "next": "n", "total": 30 });
    Mock::given(path("/products"))
        .and(query_param("q", "onda 50%"))
        .and(query_param("after", "a&b="))
        .respond_with(ResponseTemplate::new(200).set_body_json(page))
        .mount(&catalog)
        .await;
    let bff = bff(&catalog.uri(), &Double::of("services/pricing").await.url()).await;
    let view = bff.get("/search?q=%20onda%00%0950%25&after=a%26b%3D").await.1;
    let expected = json!({ "q": "onda 50%", "total": 30, "products": [], "next": "n", "categories": [] });
    assert_eq!(view, expected);
}
