use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use testkit::Contract;

use crate::Shop;

const PAGE: &str = "/product/onda-vase";

fn documented() -> Value {
    Contract::of("bffs/product").answer("get", "/products/{slug}", 200)
}

async fn headers(shop: &Shop) -> HeaderMap {
    let response = shop.frontend.request(Method::GET, PAGE).send().await.unwrap();
    response.headers().clone()
}

#[tokio::test]
async fn a_product() {
    let shop = Shop::open().await;
    shop.check(PAGE, 200, "product").await;
    let headers = headers(&shop).await;
    assert!(
        headers["cache-control"]
            .to_str()
            .unwrap()
            .starts_with("public, s-maxage=60")
    );
    assert_eq!(headers["surrogate-key"], "product/onda-vase");
}

#[tokio::test]
async fn a_product_without_picture_prices_and_stock() {
    let shop = Shop::open().await;
    let mut product = documented();
    product["picture"] = Value::Null;
    product["category"]["name"] = Value::Null;
    for variant in product["variants"].as_array_mut().unwrap() {
        variant["price"] = Value::Null;
        variant["availability"] = json!("unknown");
        variant["left"] = Value::Null;
    }
    shop.bff.answers("get", "/products/{slug}", 200, &product).await;
    shop.check(PAGE, 200, "bare").await;
    assert_eq!(
        headers(&shop).await["cache-control"],
        "private, no-store",
        "nobody keeps what lacks something"
    );
}

#[tokio::test]
async fn words_of_others_stay_words() {
    let shop = Shop::open().await;
    let mut product = documented();
    product["name"] = json!("</title><script>alert(1)</script>");
    product["description"] = json!("<esi:include src=\"/x\"/>\nTwo & more.");
    product["summary"] = json!("\" onload=\"alert(1)");
    product["variants"][0]["label"] = json!("<b>'\"");
    product["picture"] = json!("\"><img src=x>");
    shop.bff.answers("get", "/products/{slug}", 200, &product).await;
    let (status, html) = shop.page(PAGE).await;
    assert_eq!(status, 200);
    for mark in [
        "<script>alert",
        "<esi:include src=\"/x\"",
        "\"\" onload=\"alert",
        "<b>'",
        "<img src=x",
    ] {
        assert!(!html.contains(mark), "{mark}");
    }
    assert!(html.contains("<p>Two &amp; more.</p>"));
}

#[tokio::test]
async fn nothing_at_this_address() {
    let shop = Shop::open().await;
    shop.check("/nothing", 404, "missing").await;
    let refusal = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404 });
    shop.bff.answers("get", "/products/{slug}", 404, &refusal).await;
    for path in [
        "/product/no-such-thing",
        "/product/%FF",
        "/product/..%2Fhome",
        "/product/%3Cb%3E",
        "/product/",
    ] {
        let (status, html) = shop.page(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(html.contains("We do not have this"), "{path}");
    }
}

#[tokio::test]
async fn a_query_without_sense_chooses_nothing() {
    let shop = Shop::open().await;
    for query in ["?sku=a&sku=b", "?sku=%00", "?sku", "?%FF=&x"] {
        assert_eq!(shop.page(&format!("{PAGE}{query}")).await.0, 200, "{query}");
    }
}

#[tokio::test]
async fn the_bff_is_dead_or_hung() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/products/{slug}", 500, &json!({})).await;
    shop.check(PAGE, 503, "unavailable").await;
    shop.bff.hangs("get", "/products/{slug}", 30).await;
    let request = shop.frontend.request(Method::GET, PAGE).header("x-deadline-ms", "300");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["cache-control"], "private, no-store");
}
