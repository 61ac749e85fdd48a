use serde_json::{Value, json};
use testkit::{CODES, encoded};

use crate::{catalogs, pointers, product};

#[tokio::test]
async fn unknown_skus_are_omitted() {
    for (catalog, _database) in catalogs().await {
        catalog.put("/products/onda", &product("onda", "Onda")).await;
        let (status, answer) = catalog
            .get("/variants?sku=none&sku=onda&sku=No%20Sku&sku=&sku=%00")
            .await;
        let product_ref = json!({ "slug": "onda", "name": "Onda", "status": "active" });
        let onda = json!({ "sku": "onda", "label": "The only one", "picture": null, "product": product_ref });
        let expected = json!({ "items": [onda] });
        assert_eq!((status.as_u16(), answer), (200, expected));
        assert_eq!(catalog.get("/variants?sku=").await.1, json!({ "items": [] }));
    }
}

#[tokio::test]
async fn any_printable_text_is_a_valid_sku() {
    for (catalog, _database) in catalogs().await {
        for (number, sku) in CODES.into_iter().enumerate() {
            let slug = format!("product-{number}");
            let mut body = product(&slug, "Any");
            body["variants"][0]["sku"] = json!(sku);
            let path = format!("/products/{slug}");
            assert_eq!(
                catalog.put(&path, &body).await,
                (reqwest::StatusCode::OK, body),
                "{sku}"
            );
        }
        for sku in CODES {
            let found = catalog.get(&format!("/variants?sku={}", encoded(sku))).await.1;
            let skus: Vec<&Value> = found["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| &item["sku"])
                .collect();
            assert_eq!(skus, [sku]);
        }
        let all = CODES.map(|sku| format!("sku={}", encoded(sku))).join("&");
        let found = catalog.get(&format!("/variants?{all}")).await.1;
        assert_eq!(found["items"].as_array().unwrap().len(), CODES.len());
    }
}

#[tokio::test]
async fn unprintable_skus_are_rejected() {
    for (catalog, _database) in catalogs().await {
        for sku in [
            "",
            " a",
            "a ",
            ".",
            "..",
            "a\u{200d}b",
            "a\u{202e}",
            "a\n",
            "a\0",
            &"x".repeat(65),
        ] {
            let mut body = product("onda", "Onda");
            body["variants"][0]["sku"] = json!(sku);
            let (status, problem) = catalog.put("/products/onda", &body).await;
            assert_eq!(
                (status.as_u16(), pointers(&problem)),
                (422, vec!["#/variants/0/sku"]),
                "{sku:?}"
            );
        }
    }
}

#[tokio::test]
async fn number_of_skus_in_a_query_is_limited() {
    for (catalog, _database) in catalogs().await {
        let many = |count: usize| format!("/variants?{}", vec!["sku=a"; count].join("&"));
        assert_eq!(catalog.get(&many(100)).await.0, 200);
        assert_eq!(catalog.get(&many(101)).await.0, 400);
        assert_eq!(catalog.get("/variants").await.0, 400);
    }
}
