use std::time::{Duration, Instant};

use serde_json::json;

use crate::Shop;

const HEADER: &str = "/explore/fragments/header";
const RECOMMENDATIONS: &str = "/explore/fragments/recommendations";
const FOOTER: &str = "/explore/fragments/footer";

#[tokio::test]
async fn header_is_shown_with_categories() {
    let shop = Shop::open().await;
    shop.check(HEADER, 200, "header").await;
    assert_eq!(shop.headers(HEADER).await["surrogate-key"], "category/vases");
}

#[tokio::test]
async fn header_is_shown_without_a_bff() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/header", 500, &json!({})).await;
    shop.check(HEADER, 200, "header-bare").await;
    assert_eq!(shop.headers(HEADER).await["cache-control"], "private, no-store");
    shop.bff.hangs("get", "/header", 30).await;
    let begun = Instant::now();
    assert_eq!(shop.page(HEADER).await.0, 200);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn footer_is_shown() {
    let shop = Shop::open().await;
    shop.check(FOOTER, 200, "footer").await;
    assert!(
        shop.headers(FOOTER).await["cache-control"]
            .to_str()
            .unwrap()
            .starts_with("public")
    );
}

#[tokio::test]
async fn recommendations_are_shown() {
    let shop = Shop::open().await;
    let path = format!("{RECOMMENDATIONS}?for=alba-bowl");
    shop.check(&path, 200, "recommendations").await;
    let headers = shop.headers(&path).await;
    assert_eq!(headers["surrogate-key"], "product/alba-bowl product/onda-vase");
    for query in [
        "",
        "?for=",
        "?for=a&for=b",
        "?for=%FF%00",
        "?for=%0d%0aset-cookie:x",
        "?for=<b>",
    ] {
        assert_eq!(shop.page(&format!("{RECOMMENDATIONS}{query}")).await.0, 200, "{query}");
    }
    for many in ["onda-vase,".repeat(400), "~".repeat(4_000), "%C3%BC,".repeat(800)] {
        assert_eq!(shop.page(&format!("{RECOMMENDATIONS}?for={many}")).await.0, 200);
    }
}

#[tokio::test]
async fn missing_recommendations_are_an_empty_fragment() {
    let shop = Shop::open().await;
    shop.bff
        .answers("get", "/recommendations", 200, &json!({ "products": [] }))
        .await;
    shop.check(RECOMMENDATIONS, 200, "recommendations-none").await;
}

#[tokio::test]
async fn recommendations_fail_without_a_bff() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/recommendations", 500, &json!({})).await;
    assert_eq!(shop.page(RECOMMENDATIONS).await.0, 503);
}

#[tokio::test]
async fn many_categories_become_a_menu() {
    let shop = Shop::open().await;
    for (count, is_menu) in [(0, false), (3, false), (7, false), (8, true), (30, true)] {
        let link = |number| json!({ "slug": format!("category-{number}"), "name": format!("Category {number}") });
        let header = json!({ "categories": (0..count).map(link).collect::<Vec<_>>() });
        shop.bff.answers("get", "/header", 200, &header).await;
        let html = shop.page("/explore/fragments/header").await.1;
        assert_eq!(html.contains("<details>"), is_menu, "{count}");
        assert_eq!(
            html.matches("href=\"/category/").count(),
            count,
            "{count}: all of them are there"
        );
    }
}
