use serde_json::json;

use crate::{pointers, pricings};

#[tokio::test]
async fn each_currency_has_its_price() {
    for (pricing, _database) in pricings().await {
        let dollars = json!({ "sku": "onda-vase-sand", "price": { "minor": 5500, "currency": "USD" } });
        assert_eq!(
            pricing.put("/prices/onda-vase-sand", &dollars).await,
            (reqwest::StatusCode::OK, dollars.clone())
        );
        let euros = json!({ "sku": "onda-vase-sand", "price": { "minor": 4700, "currency": "EUR" } });
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
async fn unknown_skus_are_absent() {
    for (pricing, _database) in pricings().await {
        let answer = pricing
            .get("/prices?sku=none,onda-vase-sea,No%20Sku,%00&currency=EUR")
            .await
            .1;
        assert_eq!(answer["items"].as_array().unwrap().len(), 1);
        assert_eq!(answer["items"][0]["sku"], "onda-vase-sea");
        assert_eq!(
            pricing.get("/prices?sku=onda-vase-sea&currency=CHF").await.1,
            json!({ "items": [] })
        );
        assert_eq!(pricing.get("/prices?sku=onda-vase-sea&currency=XXX").await.0, 400);
        let many = format!("/prices?currency=EUR&sku={}", vec!["a"; 101].join(","));
        assert_eq!(pricing.get(&many).await.0, 400);
    }
}

#[tokio::test]
async fn bad_fields_are_named() {
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
        ];
        for (pointer, value, wrong) in broken {
            let mut body = json!({ "sku": "a", "price": { "minor": 1, "currency": "EUR" } });
            *body.pointer_mut(pointer).unwrap() = value;
            let (status, problem) = pricing.put("/prices/a", &body).await;
            assert_eq!((status.as_u16(), pointers(&problem)), (422, vec![wrong]), "{body}");
        }
        assert_eq!(pricing.put("/prices/No%20Sku", &json!({})).await.0, 404);
    }
}
