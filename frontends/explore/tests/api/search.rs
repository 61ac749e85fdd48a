use serde_json::json;
use testkit::Contract;

use crate::Shop;

fn address(q: &str) -> String {
    format!("/search?{}", serde_urlencoded::to_string([("q", q)]).unwrap())
}

#[tokio::test]
async fn search_results_are_shown() {
    let shop = Shop::open().await;
    shop.check("/search?q=onda", 200, "search").await;
    let headers = shop.headers("/search?q=onda").await;
    assert_eq!(headers["surrogate-key"], "search product/onda-vase");
}

#[tokio::test]
async fn empty_searches_and_searches_without_results_are_shown() {
    let shop = Shop::open().await;
    let nothing = |q: &str| {
        json!({
            "q": q, "total": 0, "products": [], "next": null,
            "categories": [{ "slug": "vases", "name": "Vases" }],
        })
    };
    shop.bff.answers("get", "/search", 200, &nothing("teapot")).await;
    shop.check("/search?q=teapot", 200, "search-nothing").await;
    shop.bff.answers("get", "/search", 200, &nothing("")).await;
    for path in ["/search", "/search?q=", "/search?q=a&q=b"] {
        let (status, html) = shop.page(path).await;
        assert_eq!(status, 200, "{path}");
        assert!(
            html.contains("Search for a product") && html.contains("href=\"/category/vases\""),
            "{path}"
        );
    }
}

#[tokio::test]
async fn search_terms_are_kept_from_page_to_page() {
    let shop = Shop::open().await;
    let mut found = Contract::of("bffs/explore").answer("get", "/search", 200);
    found["q"] = json!("50% & \"more\"");
    found["total"] = json!(30);
    found["next"] = json!("a&b=");
    shop.bff.answers("get", "/search", 200, &found).await;
    let html = shop.page(&format!("{}&after=x", address("50% & \"more\""))).await.1;
    let words = "/search?q=50%25+%26+%22more%22";
    assert!(
        html.contains(&format!("href=\"{words}\"")),
        "link to the first page: {html}"
    );
    assert!(
        html.contains(&format!("href=\"{words}&amp;after=a%26b%3D\"")),
        "link to the next page: {html}"
    );
    assert!(html.contains("30 products for “50% &amp; "), "{html}");
}

#[tokio::test]
async fn search_input_is_escaped() {
    let shop = Shop::open().await;
    let include = "<esi:include src=\"/checkout/fragments/mini-cart\"/>";
    for q in [
        "<script>alert(1)</script>",
        "\"><img src=x>",
        include,
        "' or 1=1 --",
        "a\0b",
        "100 %_\\",
        "\u{202e}大阪🏺",
    ] {
        let mut found = Contract::of("bffs/explore").answer("get", "/search", 200);
        found["q"] = json!(q);
        shop.bff.answers("get", "/search", 200, &found).await;
        let (status, html) = shop.page(&address(q)).await;
        assert_eq!(status, 200, "{q:?}");
        let (_, main) = html.split_once("<main").unwrap();
        let (main, _) = main.split_once("</main>").unwrap();
        for mark in ["<script", "<img src=x", "<esi:"] {
            assert!(!main.contains(mark), "{q:?}: {main}");
        }
    }
}

#[tokio::test]
async fn overlong_input_is_not_passed_on() {
    let shop = Shop::open().await;
    let long = "'".repeat(20_000);
    assert_eq!(shop.page(&address(&long)).await.0, 200);
    assert_eq!(shop.page(&address(&"\u{1f3fa}".repeat(2000))).await.0, 200);
    assert_eq!(shop.page(&format!("/search?q=a&after={long}")).await.0, 404);
    assert_eq!(shop.page(&format!("/category/vases?after={long}")).await.0, 404);
    assert_eq!(shop.page(&format!("/category/{long}")).await.0, 404);
}
