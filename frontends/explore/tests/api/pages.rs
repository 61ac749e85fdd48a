use reqwest::Method;
use serde_json::{Value, json};
use testkit::Contract;

use crate::Shop;

const CATEGORY: &str = "/category/vases";

fn documented(path: &str) -> Value {
    Contract::of("bffs/explore").answer("get", path, 200)
}

#[tokio::test]
async fn home_page_is_shown() {
    let shop = Shop::open().await;
    shop.check("/", 200, "home").await;
    let headers = shop.headers("/").await;
    assert!(
        headers["cache-control"]
            .to_str()
            .unwrap()
            .starts_with("public, s-maxage=60")
    );
    assert_eq!(headers["surrogate-key"], "home category/vases product/onda-vase");
}

#[tokio::test]
async fn category_is_shown() {
    let shop = Shop::open().await;
    shop.check(CATEGORY, 200, "category").await;
    assert_eq!(
        shop.headers(CATEGORY).await["surrogate-key"],
        "category/vases product/onda-vase"
    );
}

#[tokio::test]
async fn later_page_of_a_category_is_shown_without_pictures_and_prices() {
    let shop = Shop::open().await;
    let mut category = documented("/categories/{slug}");
    category["products"][0]["price"] = Value::Null;
    category["products"][0]["picture"] = Value::Null;
    category["next"] = json!("a&b=");
    category["total"] = json!(60);
    shop.bff.answers("get", "/categories/{slug}", 200, &category).await;
    let path = format!("{CATEGORY}?sort=-price&after=x");
    shop.check(&path, 200, "category-bare").await;
    assert_eq!(shop.headers(&path).await["cache-control"], "private, no-store");
}

#[tokio::test]
async fn empty_shop_is_shown() {
    let shop = Shop::open().await;
    let nothing = json!({ "categories": [], "stories": [], "products": [] });
    shop.bff.answers("get", "/home", 200, &nothing).await;
    let (status, html) = shop.page("/").await;
    assert_eq!(status, 200);
    assert!(html.contains("There are no products yet"));
    let mut category = documented("/categories/{slug}");
    category["products"] = json!([]);
    shop.bff.answers("get", "/categories/{slug}", 200, &category).await;
    let (status, html) = shop.page(CATEGORY).await;
    assert_eq!(status, 200);
    assert!(html.contains("There are no products in this category"));
}

#[tokio::test]
async fn text_from_services_is_escaped() {
    let shop = Shop::open().await;
    let mut home = documented("/home");
    home["products"][0]["name"] = json!("<script>alert(1)</script>");
    home["products"][0]["picture"] = json!("\"><img src=x>");
    home["categories"][0]["summary"] = json!("<esi:include src=\"/x\"/> & more");
    home["stories"][0]["text"] = json!("<esi:include src=\"/x\"/>");
    home["stories"][0]["alt"] = json!("\"><img src=x>");
    shop.bff.answers("get", "/home", 200, &home).await;
    let (status, html) = shop.page("/").await;
    assert_eq!(status, 200);
    for mark in ["<script>alert", "<img src=x", "<esi:include src=\"/x\""] {
        assert!(!html.contains(mark), "{mark}");
    }
    assert!(html.contains("&amp; more"));
}

#[tokio::test]
async fn unknown_addresses_are_not_found() {
    let shop = Shop::open().await;
    shop.check("/nothing", 404, "missing").await;
    let refusal = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404 });
    shop.bff.answers("get", "/categories/{slug}", 404, &refusal).await;
    for path in [
        "/category/no-such-thing",
        "/category/%FF",
        "/category/..%2Fhome",
        "/category/",
        "/explore/fragments/x",
    ] {
        let (status, html) = shop.page(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(html.contains("Page not found"), "{path}");
    }
    let refusal = json!({ "type": "urn:problem:invalid-query", "title": "Invalid query", "status": 400 });
    shop.bff.answers("get", "/categories/{slug}", 400, &refusal).await;
    assert_eq!(shop.page("/category/vases?after=nonsense").await.0, 404);
}

#[tokio::test]
async fn home_page_is_shown_with_several_stories_and_without_pictures() {
    let shop = Shop::open().await;
    let mut home = documented("/home");
    let story = home["stories"][0].clone();
    home["stories"] = json!([story, story, story]);
    shop.bff.answers("get", "/home", 200, &home).await;
    let (_, html) = shop.page("/").await;
    assert_eq!(html.matches("class=\"story").count(), 3);
    assert_eq!(
        html.matches("fetchpriority=\"high\"").count(),
        1,
        "one picture before all others"
    );
    for index in 0..3 {
        home["stories"][index]["picture"] = Value::Null;
    }
    home["categories"][0]["picture"] = Value::Null;
    shop.bff.answers("get", "/home", 200, &home).await;
    shop.check("/", 200, "home-bare").await;
}

#[tokio::test]
async fn current_sort_order_is_marked() {
    let shop = Shop::open().await;
    let mut category = documented("/categories/{slug}");
    category["total"] = json!(2);
    shop.bff.answers("get", "/categories/{slug}", 200, &category).await;
    let current = async |query: &str| {
        let html = shop.page(&format!("{CATEGORY}{query}")).await.1;
        let (before, _) = html
            .split_once(" aria-current=\"true\"")
            .expect("one is the current one");
        assert_eq!(html.matches("aria-current").count(), 1, "{query}");
        before
            .rsplit_once("href=\"")
            .expect("a link")
            .1
            .trim_end_matches('"')
            .to_owned()
    };
    for (query, href) in [
        ("", CATEGORY),
        ("?sort=newest", CATEGORY),
        ("?sort=name", "/category/vases?sort=name"),
        ("?sort=price", "/category/vases?sort=price"),
        ("?sort=-price", "/category/vases?sort=-price"),
        ("?sort=%00", CATEGORY),
        ("?sort=%3Cscript%3E&sort=x", CATEGORY),
    ] {
        assert_eq!(current(query).await, href, "{query}");
    }
}

#[tokio::test]
async fn invalid_query_shows_the_first_page() {
    let shop = Shop::open().await;
    for query in ["?after=a&after=b", "?x", "?%FF=&x"] {
        assert_eq!(shop.page(&format!("{CATEGORY}{query}")).await.0, 200, "{query}");
    }
}

#[tokio::test]
async fn pages_are_unavailable_without_a_bff() {
    let shop = Shop::open().await;
    let pages = [
        ("/home", "/"),
        ("/categories/{slug}", CATEGORY),
        ("/search", "/search?q=onda"),
        ("/stores", "/stores"),
    ];
    for (operation, path) in pages {
        shop.bff.answers("get", operation, 500, &json!({})).await;
        shop.check(path, 503, "unavailable").await;
        shop.bff.hangs("get", operation, 30).await;
        let request = shop.frontend.request(Method::GET, path).header("x-deadline-ms", "300");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 503, "{path}");
        assert_eq!(response.headers()["cache-control"], "private, no-store", "{path}");
    }
}
