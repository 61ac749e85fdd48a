use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::Contract;

use crate::{Shop, stock};

const PAGE: &str = "/products/onda-vase";

#[tokio::test]
async fn requested_variant_is_selected() {
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
async fn first_variant_that_can_be_bought_is_selected() {
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
    assert_eq!(view["selected"], "onda-vase-sand", "the first if stock is unknown");
}

#[tokio::test]
async fn variant_without_stock_is_sold_out() {
    let shop = Shop::open().await;
    let mut items = stock(1, 0);
    items["items"].as_array_mut().unwrap().truncate(1);
    shop.inventory.answers("get", "/stock", 200, &items).await;
    let view = shop.bff.get(PAGE).await.1;
    assert_eq!(view["variants"][0]["availability"], "few_left");
    assert_eq!(view["variants"][0]["remaining"], 1);
    assert_eq!(view["variants"][1]["availability"], "sold_out");
    assert_eq!(view["variants"][1]["remaining"], Value::Null);
}

#[tokio::test]
async fn page_is_answered_without_prices_stock_delivery_and_category_name() {
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
async fn page_does_not_wait_for_hung_services() {
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
async fn product_that_is_not_on_sale_is_not_found() {
    let shop = Shop::open().await;
    for status in ["draft", "archived", "of-the-future"] {
        let mut product = Contract::of("services/catalog").answer("get", "/products/{slug}", 200);
        product["status"] = json!(status);
        shop.catalog.answers("get", "/products/{slug}", 200, &product).await;
        assert_eq!(shop.bff.get(PAGE).await.0, 404, "{status}");
        assert_eq!(shop.bff.get(&format!("{PAGE}/stock/live")).await.0, 426, "{status}");
    }
}

#[tokio::test]
async fn reduced_price_and_stock_policies_are_shown() {
    let shop = Shop::open().await;
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let prices = json!({ "items": [{ "sku": "onda-vase-sand", "price": euro(3900), "compare_at": euro(4800) }] });
    shop.pricing.answers("get", "/prices", 200, &prices).await;
    let item =
        |sku, tracked, backorder| json!({ "sku": sku, "available": 0, "tracked": tracked, "backorder": backorder });
    let items = [
        item("onda-vase-sand", false, "deny"),
        item("onda-vase-sea", true, "allow"),
    ];
    shop.inventory
        .answers("get", "/stock", 200, &json!({ "items": items }))
        .await;
    let view = shop.bff.get(PAGE).await.1;
    let [sand, sea] = [&view["variants"][0], &view["variants"][1]];
    assert_eq!((&sand["price"], &sand["compare_at"]), (&euro(3900), &euro(4800)));
    assert_eq!(
        (&sand["availability"], &sea["availability"]),
        (&json!("in_stock"), &json!("back_order"))
    );
}

#[tokio::test]
async fn prices_and_stock_of_many_variants_are_requested_in_batches() {
    let shop = Shop::open().await;
    let mut product = Contract::of("services/catalog").answer("get", "/products/{slug}", 200);
    let variant =
        |number: usize| json!({ "sku": format!("Größe/{number}"), "label": "x", "options": {}, "picture": null });
    product["variants"] = (0..2048).map(variant).collect();
    shop.catalog.answers("get", "/products/{slug}", 200, &product).await;
    let view = shop.bff.get(PAGE).await.1;
    assert_eq!(view["variants"].as_array().unwrap().len(), 2048);
    for (double, path) in [(&shop.pricing, "/prices"), (&shop.inventory, "/stock")] {
        assert_eq!(double.received("get", path).await.len(), 21, "{path}");
    }
}

#[tokio::test]
async fn page_without_catalog_is_unavailable() {
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
async fn unknown_product_is_not_found() {
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
