use serde_json::json;

use crate::{catalogs, product};

#[tokio::test]
async fn unknown_skus_are_absent() {
    for (catalog, _database) in catalogs().await {
        catalog.put("/products/onda", &product("onda", "Onda")).await;
        let (status, answer) = catalog.get("/variants?sku=none,onda,No%20Sku,,%00").await;
        let parent = json!({ "slug": "onda", "name": "Onda" });
        let onda = json!({ "sku": "onda", "label": "The only one", "picture": null, "product": parent });
        let expected = json!({ "items": [onda] });
        assert_eq!((status.as_u16(), answer), (200, expected));
        assert_eq!(catalog.get("/variants?sku=").await.1, json!({ "items": [] }));
    }
}

#[tokio::test]
async fn a_question_has_bounds() {
    for (catalog, _database) in catalogs().await {
        let many = |count: usize| format!("/variants?sku={}", vec!["a"; count].join(","));
        assert_eq!(catalog.get(&many(100)).await.0, 200);
        assert_eq!(catalog.get(&many(101)).await.0, 400);
        assert_eq!(catalog.get("/variants").await.0, 400);
    }
}
