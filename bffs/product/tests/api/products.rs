use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Shop, stock};

const PAGE: &str = "/products/onda-vase";

#[tokio::test]
async fn the_variant_asked_for_is_selected() {
    let shop = Shop::open().await;
    for (query, selected) in [
        ("", "onda-vase-sand"),
        ("?sku=onda-vase-sea", "onda-vase-sea"),
        ("?sku=no-such-thing", "onda-vase-sand"),
        ("?sku=", "onda-vase-sand"),
        ("?sku=%00%3Cb%3E", "onda-vase-sand"),
    ] {
        let (status, view) = shop.bff.get(&format!("{PAGE}{query}")).await;
        assert_eq!((status.as_u16(), &view["selected"]), (200, &json!(selected)), "{query}");
    }
}

#[tokio::test]
async fn the_first_variant_that_can_be_bought_is_selected() {
    let shop = Shop::open().await;
    for (sand, sea, query, selected) in [
        (0, 3, "", "onda-vase-sea"),
        (0, 3, "?sku=no-such-thing", "onda-vase-sea"),
        (0, 3, "?sku=onda-vase-sand", "onda-vase-sand"),
        (2, 3, "", "onda-vase-sand"),
        (0, 0, "", "onda-vase-sand"),
    ] {
        shop.inventory.answers("get", "/stock", 200, &stock(sand, sea)).await;
        let view = shop.bff.get(&format!("{PAGE}{query}")).await.1;
        assert_eq!(view["selected"], selected, "{sand} {sea} {query}");
    }
    shop.inventory.answers("get", "/stock", 500, &json!({})).await;
    let view = shop.bff.get(PAGE).await.1;
    assert_eq!(
        view["selected"], "onda-vase-sand",
        "where stock is not known, the first"
    );
}

#[tokio::test]
async fn what_was_never_counted_cannot_be_bought() {
    let shop = Shop::open().await;
    let mut items = stock(1, 0);
    items["items"].as_array_mut().unwrap().truncate(1);
    shop.inventory.answers("get", "/stock", 200, &items).await;
    let view = shop.bff.get(PAGE).await.1;
    assert_eq!(view["variants"][0]["availability"], "few_left");
    assert_eq!(view["variants"][0]["left"], 1);
    assert_eq!(view["variants"][1]["availability"], "sold_out");
    assert_eq!(view["variants"][1]["left"], Value::Null);
}

#[tokio::test]
async fn a_page_can_live_without_prices_stock_delivery_and_the_categorys_name() {
    let shop = Shop::open().await;
    let down = json!({ "title": "down" });
    shop.pricing.answers("get", "/prices", 500, &down).await;
    shop.pricing.answers("get", "/shipping", 422, &down).await;
    shop.inventory
        .answers("get", "/stock", 200, &json!("not what was agreed"))
        .await;
    shop.catalog.answers("get", "/categories/{slug}", 404, &down).await;
    let (status, view) = shop.bff.get(PAGE).await;
    assert_eq!(status, 200);
    assert_eq!(view["category"], json!({ "slug": "vases", "name": null }));
    assert_eq!(view["delivery"], Value::Null);
    for variant in view["variants"].as_array().unwrap() {
        assert_eq!(variant["price"], Value::Null);
        assert_eq!(variant["availability"], "unknown");
    }
}

#[tokio::test]
async fn nobody_waits_for_a_hung_pricing() {
    let shop = Shop::open().await;
    shop.pricing.hangs("get", "/prices", 30).await;
    shop.pricing.hangs("get", "/shipping", 30).await;
    shop.inventory.hangs("get", "/stock", 30).await;
    let begun = Instant::now();
    let (status, view) = shop.bff.get(PAGE).await;
    assert_eq!(status, 200);
    assert_eq!(view["variants"][0]["price"], Value::Null);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn there_is_no_page_without_catalog() {
    let shop = Shop::open().await;
    shop.catalog
        .answers(
            "get",
            "/products/{slug}",
            500,
            &json!({ "detail": "relation does not exist" }),
        )
        .await;
    let (status, problem) = shop.bff.get(PAGE).await;
    assert_eq!(status, 503);
    assert_eq!(problem["type"], "urn:problem:unavailable");
    assert!(!problem.to_string().contains("relation"), "{problem}");
}

#[tokio::test]
async fn what_does_not_exist_is_404() {
    let shop = Shop::open().await;
    let missing = json!({ "type": "urn:problem:not-found", "title": "Not found", "status": 404, "detail": "" });
    shop.catalog.answers("get", "/products/{slug}", 404, &missing).await;
    let long = "x".repeat(5000);
    for slug in ["no-such-thing", "..%2Fcategories", "%00", "%FF", "%3Cb%3E", "Ä", &long] {
        let (status, problem) = shop.bff.get(&format!("/products/{slug}")).await;
        assert_eq!(
            (status.as_u16(), &problem["type"]),
            (404, &json!("urn:problem:not-found")),
            "{slug}"
        );
    }
}
