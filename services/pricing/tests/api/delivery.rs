use serde_json::Value;

use crate::{pointers, pricings};

#[tokio::test]
async fn every_country_has_shipping_rates() {
    for (pricing, _database) in pricings().await {
        let countries = pricing.get("/countries").await.1;
        for country in countries["items"].as_array().unwrap() {
            let path = format!("/shipping?currency=EUR&country={}", country["code"].as_str().unwrap());
            let (status, rates) = pricing.get(&path).await;
            let methods: Vec<_> = rates["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|rate| rate["method"].clone())
                .collect();
            assert_eq!(
                (status.as_u16(), methods),
                (200, ["standard", "express", "pickup"].map(Value::from).to_vec()),
                "{path}"
            );
            assert_eq!(rates["items"][2]["price"]["minor"], 0, "{path}");
        }
    }
}

#[tokio::test]
async fn unsupported_countries_and_currencies_are_rejected() {
    for (pricing, _database) in pricings().await {
        for query in [
            "",
            "?country=XX&currency=EUR",
            "?country=DE",
            "?country=de&currency=EUR",
            "?country=%00&currency=EUR",
        ] {
            assert_eq!(pricing.get(&format!("/shipping{query}")).await.0, 400, "{query}");
        }
        let (status, problem) = pricing.get("/shipping?country=DE&currency=USD").await;
        assert_eq!((status.as_u16(), pointers(&problem)), (422, vec!["#/currency"]));
    }
}
