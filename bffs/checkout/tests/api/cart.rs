use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::Contract;

use crate::{Shop, problem, read};

#[tokio::test]
async fn cart_is_empty_without_a_cookie_or_a_cart() {
    let shop = Shop::open().await;
    let missing = problem(StatusCode::NOT_FOUND, "not-found", &json!([]));
    shop.cart.answers("get", "/carts/{id}", 404, &missing).await;
    for cookie in [
        "",
        "cart=00000000-0000-4000-8000-000000000000",
        "cart=nonsense",
        "cart=../../etc",
        "x=1",
    ] {
        for (path, expected) in [
            (
                "/cart",
                json!({ "quantity": 0, "lines": [], "subtotal": null, "removed": null, "waiting_order": null }),
            ),
            ("/cart/count", json!({ "quantity": 0 })),
        ] {
            let answer = read(shop.bff.request(Method::GET, path).header("cookie", cookie)).await;
            assert_eq!((answer.status, answer.body), (200, expected), "{cookie} {path}");
        }
    }
}

#[tokio::test]
async fn cart_is_shown_without_names_prices_and_stock() {
    let shop = Shop::open().await;
    let down = json!({ "title": "down" });
    shop.catalog.answers("get", "/variants", 500, &down).await;
    shop.pricing.answers("get", "/prices", 500, &down).await;
    shop.inventory
        .answers("get", "/stock", 200, &json!("not what was agreed"))
        .await;
    let answer = shop.get("/cart").await;
    assert_eq!(answer.status, 200);
    let line = json!({
        "sku": "onda-vase-sand", "slug": null, "name": "onda-vase-sand", "label": "", "picture": null,
        "quantity": 1, "unit_price": null, "previous_price": null, "total": null, "available": true, "remaining": null, "discontinued": false,
    });
    let expected = json!({ "quantity": 1, "lines": [line], "subtotal": null, "removed": null, "waiting_order": null });
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn hanging_services_are_not_waited_for() {
    let shop = Shop::open().await;
    shop.catalog.hangs("get", "/variants", 30).await;
    shop.pricing.hangs("get", "/prices", 30).await;
    shop.inventory.hangs("get", "/stock", 30).await;
    let begun = Instant::now();
    assert_eq!(shop.get("/cart").await.status, 200);
    assert_eq!(shop.get("/add-to-cart?sku=onda-vase-sand").await.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn short_and_discontinued_lines_are_marked() {
    let shop = Shop::open().await;
    shop.has_cart(json!([
        { "sku": "onda-vase-sand", "quantity": 13 },
        { "sku": "long-forgotten", "quantity": 1 },
    ]))
    .await;
    let cart = shop.get("/cart").await.body;
    assert_eq!(cart["quantity"], 14);
    let availability = |line: usize| {
        [
            cart["lines"][line]["available"].clone(),
            cart["lines"][line]["remaining"].clone(),
        ]
    };
    assert_eq!(availability(0), [json!(false), json!(12)]);
    assert_eq!(availability(1), [json!(false), json!(0)]);
    let discontinued = [&cart["lines"][0]["discontinued"], &cart["lines"][1]["discontinued"]];
    assert_eq!(discontinued, [&json!(false), &json!(true)]);
    assert_eq!(cart["lines"][0]["total"]["minor"], 13 * 4800);
    assert_eq!(cart["subtotal"]["minor"], 13 * 4800, "without the discontinued line");
}

#[tokio::test]
async fn item_without_a_price_is_discontinued() {
    let shop = Shop::open().await;
    let nothing = json!({ "items": [] });
    shop.pricing.answers("get", "/prices", 200, &nothing).await;
    let cart = shop.get("/cart").await.body;
    let line = &cart["lines"][0];
    assert_eq!(
        (&line["discontinued"], &line["available"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&line["name"], &line["remaining"], &line["total"]),
        (&json!("Onda vase"), &json!(0), &Value::Null)
    );
    assert_eq!(cart["subtotal"], Value::Null, "no line can be bought");
    shop.pricing.answers("get", "/prices", 500, &json!({})).await;
    let cart = shop.get("/cart").await.body;
    assert_eq!(cart["lines"][0]["discontinued"], false, "unknown without pricing");
}

#[tokio::test]
async fn changed_price_is_shown_with_the_previous_one() {
    let shop = Shop::open().await;
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    for (stored, previous) in [
        (json!(null), Value::Null),
        (euro(4800), Value::Null),
        (euro(4500), euro(4500)),
        (euro(5200), euro(5200)),
    ] {
        shop.has_cart(json!([{ "sku": "onda-vase-sand", "quantity": 2, "unit_price": stored }]))
            .await;
        let checkout = shop.get("/checkout").await.body;
        for cart in [shop.get("/cart").await.body, checkout["cart"].clone()] {
            let line = &cart["lines"][0];
            assert_eq!(
                (&line["previous_price"], &line["unit_price"]),
                (&previous, &euro(4800)),
                "{stored}"
            );
        }
        let cart = shop.get("/cart").await.body;
        assert_eq!(cart["subtotal"], euro(9600), "at the current price");
    }
    shop.pricing.answers("get", "/prices", 500, &json!({})).await;
    let cart = shop.get("/cart").await.body;
    assert_eq!(
        cart["lines"][0]["previous_price"],
        Value::Null,
        "the current price is unknown"
    );
}

#[tokio::test]
async fn removed_item_is_named() {
    let shop = Shop::open().await;
    let removed = async |sku: &str| {
        let answer = shop.get(&format!("/cart?removed={sku}")).await;
        assert_eq!(answer.status, 200, "{sku}");
        answer.body["removed"].clone()
    };
    assert_eq!(removed("onda-vase-sand").await, Value::Null, "it is in the cart");
    shop.has_cart(json!([])).await;
    let vase = json!({ "sku": "onda-vase-sand", "name": "Onda vase", "label": "Sand" });
    assert_eq!(removed("onda-vase-sand").await, vase);
    let huge = "x".repeat(9_000);
    for sku in ["", "no-such-thing", "%00", "%3Cb%3E", "a%2Conda-vase-sand", "..", &huge] {
        assert_eq!(removed(sku).await, Value::Null, "{sku}");
    }
    shop.catalog.answers("get", "/variants", 500, &json!({})).await;
    assert_eq!(removed("onda-vase-sand").await, Value::Null);
}

#[tokio::test]
async fn cart_needs_the_cart_service() {
    let shop = Shop::open().await;
    let secret = json!({ "detail": "redb: file is locked" });
    shop.cart.answers("get", "/carts/{id}", 500, &secret).await;
    for path in ["/cart", "/cart/count", "/checkout"] {
        let answer = shop.get(path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.body["type"], "urn:problem:unavailable", "{path}");
        assert!(!answer.body.to_string().contains("redb"), "{path}");
    }
}

#[tokio::test]
async fn availability_follows_the_stock() {
    let shop = Shop::open().await;
    let availability = async |sku: &str| shop.bff.get(&format!("/add-to-cart?sku={sku}")).await;
    let (status, body) = availability("never-counted").await;
    assert_eq!((status.as_u16(), &body["available"]), (200, &json!(false)));
    for sku in ["", "%20a", "%00", "..", &"x".repeat(65)] {
        assert_eq!(availability(sku).await.0, 400, "{sku}");
    }
    assert_eq!(shop.bff.get("/add-to-cart").await.0, 400);

    shop.inventory.answers("get", "/stock", 503, &json!({})).await;
    let expected = json!({ "sku": "onda-vase-sand", "available": true, "quantity_limit": 99 });
    assert_eq!(availability("onda-vase-sand").await.1, expected);
}

#[tokio::test]
async fn archived_item_is_discontinued_and_keeps_its_name() {
    let shop = Shop::open().await;
    let mut found = Contract::of("services/catalog").answer("get", "/variants", 200);
    found["items"][0]["product"]["status"] = json!("archived");
    shop.catalog.answers("get", "/variants", 200, &found).await;
    let cart = shop.get("/cart").await.body;
    let line = &cart["lines"][0];
    assert_eq!(
        (&line["discontinued"], &line["available"], &line["remaining"]),
        (&json!(true), &json!(false), &json!(0))
    );
    assert_eq!(
        (&line["name"], &line["slug"]),
        (&json!("Onda vase"), &Value::Null),
        "it has no page"
    );
    let checkout = shop.get("/checkout").await.body;
    assert_eq!(
        (&checkout["quote"], &checkout["cart"]["lines"][0]["discontinued"]),
        (&Value::Null, &json!(true))
    );
    let form = Contract::of("bffs/checkout").request("post", "/orders");
    let answer = shop.post("/orders", &form).await;
    assert_eq!(
        (answer.status, &answer.body["type"]),
        (409, &json!("urn:problem:total-changed"))
    );
}

#[tokio::test]
async fn untracked_and_backordered_items_can_be_bought() {
    let shop = Shop::open().await;
    for (tracked, backorder) in [(false, "deny"), (true, "allow")] {
        let item = json!({ "sku": "onda-vase-sand", "available": 0, "tracked": tracked, "backorder": backorder });
        shop.inventory
            .answers("get", "/stock", 200, &json!({ "items": [item] }))
            .await;
        let line = shop.get("/cart").await.body["lines"][0].clone();
        assert_eq!(
            (&line["available"], &line["remaining"]),
            (&json!(true), &Value::Null),
            "{backorder}"
        );
        let availability = shop.get("/add-to-cart?sku=onda-vase-sand").await.body;
        assert_eq!(
            (&availability["available"], &availability["quantity_limit"]),
            (&json!(true), &json!(99))
        );
    }
}
