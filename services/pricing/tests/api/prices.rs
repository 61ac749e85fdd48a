use serde_json::json;
use testkit::{CODES, encoded};

use crate::{pointers, pricings};

#[tokio::test]
async fn sku_has_one_price_for_each_currency() {
    for (pricing, _database) in pricings().await {
        let dollars =
            json!({ "sku": "onda-vase-sand", "price": { "minor": 5500, "currency": "USD" }, "compare_at": null });
        assert_eq!(
            pricing.put("/prices/onda-vase-sand", &dollars).await,
            (reqwest::StatusCode::OK, dollars.clone())
        );
        let euros =
            json!({ "sku": "onda-vase-sand", "price": { "minor": 4700, "currency": "EUR" }, "compare_at": null });
        pricing.put("/prices/onda-vase-sand", &euros).await;
        for (currency, price) in [("USD", dollars), ("EUR", euros)] {
            let answer = pricing
                .get(&format!("/prices?sku=onda-vase-sand&currency={currency}"))
                .await
                .1;
            assert_eq!(answer, json!({ "items": [price] }));
        }
    }
}

#[tokio::test]
async fn any_printable_text_is_a_valid_sku() {
    for (pricing, _database) in pricings().await {
        let item =
            |(minor, sku)| json!({ "sku": sku, "price": { "minor": minor, "currency": "EUR" }, "compare_at": null });
        for (minor, sku) in (100..).zip(CODES) {
            let (path, item) = (format!("/prices/{}", encoded(sku)), item((minor, sku)));
            assert_eq!(
                pricing.put(&path, &item).await,
                (reqwest::StatusCode::OK, item),
                "{sku}"
            );
        }
        for (minor, sku) in (100..).zip(CODES) {
            let found = pricing
                .get(&format!("/prices?sku={}&currency=EUR", encoded(sku)))
                .await
                .1;
            assert_eq!(found, json!({ "items": [item((minor, sku))] }));
        }
        let lines: Vec<_> = CODES.iter().map(|sku| json!({ "sku": sku, "quantity": 1 })).collect();
        let request = json!({ "currency": "EUR", "country": "DE", "shipping": "standard", "lines": lines });
        let (status, quote) = pricing.post("/quotes", "key", &request).await;
        assert_eq!(
            (status.as_u16(), &quote["subtotal"]["minor"]),
            (201, &json!(100 * 9 + 36))
        );
    }
}

#[tokio::test]
async fn price_may_have_a_compare_at_price() {
    for (pricing, _database) in pricings().await {
        let euros = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
        let sale = json!({ "sku": "a", "price": euros(3900), "compare_at": euros(4800) });
        assert_eq!(
            pricing.put("/prices/a", &sale).await,
            (reqwest::StatusCode::OK, sale.clone())
        );
        assert_eq!(
            pricing.get("/prices?sku=a&currency=EUR").await.1,
            json!({ "items": [sale] })
        );
        // An omitted field is cleared.
        pricing
            .put("/prices/a", &json!({ "sku": "a", "price": euros(4800) }))
            .await;
        assert_eq!(
            pricing.get("/prices?sku=a&currency=EUR").await.1["items"][0]["compare_at"],
            json!(null)
        );
        for (before, pointer) in [
            (euros(4800), "#/compare_at"),
            (euros(100), "#/compare_at"),
            (json!({ "minor": 9000, "currency": "USD" }), "#/compare_at/currency"),
            (euros(-1), "#/compare_at"),
        ] {
            let body = json!({ "sku": "a", "price": euros(4800), "compare_at": before });
            let (status, problem) = pricing.put("/prices/a", &body).await;
            assert_eq!((status.as_u16(), pointers(&problem)), (422, vec![pointer]), "{body}");
        }
    }
}

#[tokio::test]
async fn price_can_be_deleted_by_currency_or_as_a_whole() {
    for (pricing, _database) in pricings().await {
        for currency in ["EUR", "USD"] {
            let body = json!({ "sku": "a/b", "price": { "minor": 1, "currency": currency } });
            pricing.put("/prices/a%2Fb", &body).await;
        }
        let count = async |currency: &str| {
            let found = pricing.get(&format!("/prices?sku=a%2Fb&currency={currency}")).await.1;
            found["items"].as_array().unwrap().len()
        };
        assert_eq!(pricing.delete("/prices/a%2Fb?currency=USD").await.0, 204);
        assert_eq!([count("EUR").await, count("USD").await], [1, 0]);
        assert_eq!(pricing.delete("/prices/a%2Fb?currency=USD").await.0, 404);
        assert_eq!(pricing.delete("/prices/a%2Fb").await.0, 204);
        assert_eq!(count("EUR").await, 0);
        assert_eq!(pricing.delete("/prices/a%2Fb").await.0, 404);
        assert_eq!(pricing.delete("/prices/a%2Fb?currency=XXX").await.0, 400);
        // A SKU without a price cannot be quoted.
        let lines = json!([{ "sku": "a/b", "quantity": 1 }]);
        let request = json!({ "currency": "EUR", "country": "DE", "shipping": "standard", "lines": lines });
        assert_eq!(pricing.post("/quotes", "key", &request).await.0, 422);
    }
}

#[tokio::test]
async fn unknown_skus_are_omitted() {
    for (pricing, _database) in pricings().await {
        let answer = pricing
            .get("/prices?sku=none&sku=onda-vase-sea&sku=No%20Sku&sku=%00&currency=EUR")
            .await
            .1;
        assert_eq!(answer["items"].as_array().unwrap().len(), 1);
        assert_eq!(answer["items"][0]["sku"], "onda-vase-sea");
        assert_eq!(
            pricing.get("/prices?sku=onda-vase-sea&currency=CHF").await.1,
            json!({ "items": [] })
        );
        assert_eq!(pricing.get("/prices?sku=onda-vase-sea&currency=XXX").await.0, 400);
        let many = format!("/prices?currency=EUR&{}", vec!["sku=a"; 101].join("&"));
        assert_eq!(pricing.get(&many).await.0, 400);
    }
}

#[tokio::test]
async fn invalid_price_fields_are_named() {
    for (pricing, _database) in pricings().await {
        let broken = [
            ("/sku", json!("other"), "#/sku"),
            ("/sku", json!("nul\u{0}"), "#/sku"),
            ("/price", json!({ "minor": -1, "currency": "EUR" }), "#/price"),
            (
                "/price",
                json!({ "minor": 1_000_000_001, "currency": "EUR" }),
                "#/price",
            ),
            ("/price/minor", json!(48.5), "#/price/minor"),
            ("/price/currency", json!("XXX"), "#/price/currency"),
            ("/price/net", json!(true), "#/price/net"),
            ("/compare", json!(5000), "#/compare"),
        ];
        for (pointer, value, wrong) in broken {
            let mut body = json!({ "sku": "a", "price": { "minor": 1, "currency": "EUR" } });
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[field] = value;
            let (status, problem) = pricing.put("/prices/a", &body).await;
            assert_eq!((status.as_u16(), pointers(&problem)), (422, vec![wrong]), "{body}");
        }
        assert_eq!(pricing.put("/prices/%00", &json!({})).await.0, 404);
    }
}
