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
async fn product_page_is_rendered_and_cached() {
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
async fn page_without_pictures_prices_and_stock_is_not_cached() {
    let shop = Shop::open().await;
    let mut product = documented();
    product["pictures"] = json!([]);
    product["details"] = json!([]);
    product["delivery"] = Value::Null;
    product["category"]["name"] = Value::Null;
    for variant in product["variants"].as_array_mut().unwrap() {
        variant["picture"] = Value::Null;
        variant["price"] = Value::Null;
        variant["availability"] = json!("unknown");
        variant["remaining"] = Value::Null;
    }
    shop.bff.answers("get", "/products/{slug}", 200, &product).await;
    shop.check(PAGE, 200, "bare").await;
    assert_eq!(
        headers(&shop).await["cache-control"],
        "private, no-store",
        "a page that lacks data is not cached"
    );
}

/// A bowl in two glazes and two sizes, without a large one in slate.
fn bowl() -> Value {
    let variant = |sku: &str, glaze: &str, size: &str, availability: &str| {
        json!({
            "sku": sku,
            "label": format!("{glaze}, {size}"),
            "options": { "Glaze": glaze, "Size": size },
            "picture": if glaze == "Slate" { json!("bowl-slate") } else { Value::Null },
            "price": { "minor": 2200, "currency": "EUR" },
            "availability": availability,
            "remaining": null,
        })
    };
    let mut product = documented();
    product["options"] = json!([
        { "name": "Glaze", "values": ["Milk", "Slate", "Gold"] },
        { "name": "Size", "values": ["Small", "Large"] },
    ]);
    product["pictures"] = json!([{ "name": "bowl", "alt": "A bowl" }, { "name": "bowl-slate", "alt": "In slate" }]);
    product["variants"] = json!([
        variant("milk-small", "Milk", "Small", "in_stock"),
        variant("milk-large", "Milk", "Large", "sold_out"),
        variant("slate-small", "Slate", "Small", "in_stock"),
    ]);
    product["selected"] = json!("slate-small");
    product
}

#[tokio::test]
async fn page_with_several_options_shows_the_selected_variant_first() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/products/{slug}", 200, &bowl()).await;
    shop.check(PAGE, 200, "options").await;
    let html = shop.page(PAGE).await.1;
    let first = html.find("id=\"picture-bowl-slate\"").unwrap();
    assert!(
        first < html.find("id=\"picture-bowl\"").unwrap(),
        "the selected variant's picture comes first"
    );
    assert_eq!(html.matches("fetchpriority").count(), 1);
    assert!(!html.contains(">Gold<"), "a value that no variant has is not shown");
}

#[tokio::test]
async fn variants_with_the_same_options_are_shown_by_label() {
    let shop = Shop::open().await;
    let mut product = documented();
    product["options"] = json!([]);
    for variant in product["variants"].as_array_mut().unwrap() {
        variant["options"] = json!({});
    }
    shop.bff.answers("get", "/products/{slug}", 200, &product).await;
    let html = shop.page(PAGE).await.1;
    assert!(html.contains("<legend>Version</legend>"));
    assert!(html.contains("href=\"/product/onda-vase?sku=onda-vase-sea\""));
}

#[tokio::test]
async fn cheapest_delivery_and_pickup_are_shown() {
    let shop = Shop::open().await;
    let delivery = |method: &str, days: &str, minor: i64| {
        let price = json!({ "minor": minor, "currency": "EUR" });
        json!({ "method": method, "name": format!("By {method}"), "days": days, "price": price })
    };
    for (methods, text) in [
        (
            vec![delivery("express", "1 day", 990), delivery("standard", "4 days", 490)],
            "Delivery from €4.90 · 4 days",
        ),
        (vec![delivery("standard", "4 days", 0)], "Free delivery · 4 days"),
        (vec![delivery("pickup", "Ready at once", 0)], "By pickup</a>: free"),
        (vec![delivery("pickup", "Ready at once", 150)], "By pickup</a>: €1.50"),
        (vec![], "Made by"),
    ] {
        let mut product = documented();
        product["delivery"] = json!(methods);
        shop.bff.answers("get", "/products/{slug}", 200, &product).await;
        let html = shop.page(PAGE).await.1.replace("<!>", "").replace('\n', "");
        assert!(html.contains(text), "{text}: {html}");
    }
}

#[tokio::test]
async fn texts_from_the_bff_are_escaped() {
    let shop = Shop::open().await;
    let mut product = documented();
    product["name"] = json!("</title><script>alert(1)</script>");
    product["description_html"] = json!("<p>Two &amp; more.</p>");
    product["summary"] = json!("\" onload=\"alert(1)");
    product["variants"][0]["label"] = json!("<b>'\"");
    product["options"][0]["name"] = json!("<b>'\"");
    product["options"][0]["values"][0] = json!("<b>'\"");
    product["details"][0] = json!({ "name": "<b>'", "value": "<esi:include src=\"/x\"/>" });
    product["delivery"][0]["days"] = json!("<b>'");
    product["pictures"][0] = json!({ "name": "\"><img src=x>", "alt": "\" onload=\"alert(1)" });
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
async fn missing_data_has_no_heading() {
    let shop = Shop::open().await;
    let mut product = documented();
    for (field, value) in [
        ("summary", json!("")),
        ("description_html", json!("")),
        ("description", json!("One <b>\ntwo.")),
        ("vendor", json!(null)),
        ("details", json!([])),
    ] {
        product[field] = value;
    }
    shop.bff.answers("get", "/products/{slug}", 200, &product).await;
    let (_, html) = shop.page(PAGE).await;
    for absent in [
        "Description",
        "Details",
        "Made by",
        "class=\"vendor\"",
        "class=\"summary\"",
    ] {
        assert!(!html.contains(absent), "{absent}");
    }
    assert!(
        html.contains(r#"name="description" content="One &lt;b&gt; two.""#),
        "{html}"
    );
}

#[tokio::test]
async fn reduced_price_and_backorder_are_shown() {
    let shop = Shop::open().await;
    let mut product = documented();
    product["variants"][0]["compare_at"] = json!({ "minor": 6400, "currency": "EUR" });
    product["variants"][0]["availability"] = json!("back_order");
    shop.bff.answers("get", "/products/{slug}", 200, &product).await;
    let (_, html) = shop.page(PAGE).await;
    for text in [">€48.00</span>", "<s>€64.00</s>", "Available on backorder"] {
        assert!(html.contains(text), "{text}: {html}");
    }
}

#[tokio::test]
async fn skus_are_encoded_in_links() {
    let shop = Shop::open().await;
    let mut product = documented();
    for (variant, sku) in [(0, "a/b c"), (1, "50%?#&\"é")] {
        product["variants"][variant]["sku"] = json!(sku);
    }
    product["selected"] = json!("a/b c");
    shop.bff.answers("get", "/products/{slug}", 200, &product).await;
    let (_, html) = shop.page(PAGE).await;
    for link in [
        "add-to-cart?sku=a%2Fb%20c\"",
        "onda-vase?sku=a%2Fb%20c\"",
        "onda-vase?sku=50%25%3F%23%26%22%C3%A9\"",
    ] {
        assert!(html.contains(link), "{link}: {html}");
    }
}

#[tokio::test]
async fn unknown_product_is_not_found() {
    let shop = Shop::open().await;
    shop.check("/nothing", 404, "missing").await;
    let problem = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404 });
    shop.bff.answers("get", "/products/{slug}", 404, &problem).await;
    for path in [
        "/product/no-such-thing",
        "/product/%FF",
        "/product/..%2Fhome",
        "/product/%3Cb%3E",
        "/product/",
    ] {
        let (status, html) = shop.page(path).await;
        assert_eq!(status, 404, "{path}");
        assert!(html.contains("Product not found"), "{path}");
    }
}

#[tokio::test]
async fn malformed_query_selects_no_variant() {
    let shop = Shop::open().await;
    for query in ["?sku=a&sku=b", "?sku=%00", "?sku", "?%FF=&x"] {
        assert_eq!(shop.page(&format!("{PAGE}{query}")).await.0, 200, "{query}");
    }
}

#[tokio::test]
async fn page_is_unavailable_while_the_bff_does_not_answer() {
    let shop = Shop::open().await;
    shop.bff.answers("get", "/products/{slug}", 500, &json!({})).await;
    shop.check(PAGE, 503, "unavailable").await;
    shop.bff.hangs("get", "/products/{slug}", 30).await;
    let request = shop.frontend.request(Method::GET, PAGE).header("x-deadline-ms", "300");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["cache-control"], "private, no-store");
}

/// They are too long, invisible, or would be another path of the BFF.
#[tokio::test]
async fn invalid_skus_and_slugs_are_not_sent_to_the_bff() {
    let shop = Shop::open().await;
    for sku in [
        "~".repeat(4_000),
        "%00".to_owned(),
        "%E2%80%8B".to_owned(),
        "..".to_owned(),
    ] {
        assert_eq!(shop.page(&format!("/product/onda-vase?sku={sku}")).await.0, 200);
    }
    let asked = shop.bff.received("get", "/products/onda-vase").await.len();
    for name in ["~".repeat(4_000), ".%09.".to_owned(), "%20".to_owned(), "A".to_owned()] {
        assert_eq!(shop.page(&format!("/product/{name}")).await.0, 404, "{name}");
    }
    assert_eq!(
        (asked, shop.bff.received("get", "/products/onda-vase").await.len()),
        (4, 4)
    );
}

#[tokio::test]
async fn islands_that_failed_in_a_browser_are_counted() {
    let shop = Shop::open().await;
    let (_, html) = shop.frontend.page(PAGE).await;
    let bundle = html
        .split("data-islands=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    for reason in ["wake", "wake", "<b>", ""] {
        let report = shop.frontend.request(Method::POST, bundle).body(reason);
        assert_eq!(report.send().await.unwrap().status(), 204, "{reason}");
    }
    let (_, metrics) = shop.frontend.page("/metrics").await;
    for count in ["reason=\"wake\"} 2", "reason=\"other\"} 2"] {
        let series = format!("islands_failed_total{{frontend=\"product\",{count}");
        assert!(metrics.contains(&series), "{series}: {metrics}");
    }
}

#[tokio::test]
async fn sku_with_special_characters_is_encoded_in_links_and_form() {
    let shop = Shop::open().await;
    let mut product = documented();
    product["variants"][0]["sku"] = json!("24/WG 085?#ü&");
    product["selected"] = json!("24/WG 085?#ü&");
    shop.bff.answers("get", "/products/{slug}", 200, &product).await;
    let (_, html) = shop.frontend.page(PAGE).await;
    let encoded = "sku=24%2FWG%20085%3F%23%C3%BC%26\"";
    for address in [
        format!("{PAGE}?{encoded}"),
        format!("/checkout/fragments/add-to-cart?{encoded}"),
    ] {
        assert!(html.contains(&address), "{address}: {html}");
    }
}
