//! Every resource can be deleted.

use serde_json::{Value, json};

use crate::{catalogs, product, variant};

fn kind(problem: &Value) -> &str {
    problem["type"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn deleting_a_product_deletes_its_variants() {
    for (catalog, _database) in catalogs().await {
        catalog.put("/products/onda", &product("onda", "Onda")).await;
        assert_eq!(catalog.delete("/products/onda").await.0, 204);
        assert_eq!(catalog.get("/products/onda").await.0, 404);
        assert_eq!(catalog.get("/products").await.1["total"], 0);
        assert_eq!(catalog.get("/variants?sku=onda").await.1, json!({ "items": [] }));
        assert_eq!(catalog.delete("/products/onda").await.0, 404);
        // Its SKU is free again.
        let mut other = product("piega", "Piega");
        other["variants"] = json!([variant("onda")]);
        assert_eq!(catalog.put("/products/piega", &other).await.0, 200);
    }
}

#[tokio::test]
async fn last_variant_cannot_be_deleted() {
    for (catalog, _database) in catalogs().await {
        let mut body = product("onda", "Onda");
        body["variants"] = json!([variant("a/b c"), variant("Größe 7")]);
        catalog.put("/products/onda", &body).await;
        assert_eq!(catalog.delete("/variants/a%2Fb%20c").await.0, 204);
        assert_eq!(catalog.delete("/variants/a%2Fb%20c").await.0, 404);
        let (status, problem) = catalog.delete("/variants/Gr%C3%B6%C3%9Fe%207").await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:last-variant"));
        let remaining = catalog.get("/products/onda").await.1;
        assert_eq!(remaining["variants"], json!([variant("Größe 7")]));
    }
}

#[tokio::test]
async fn category_with_products_cannot_be_deleted() {
    for (catalog, _database) in catalogs().await {
        catalog.put("/products/onda", &product("onda", "Onda")).await;
        let (status, problem) = catalog.delete("/categories/vases").await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:category-in-use"));
        assert_eq!(catalog.get("/categories/vases").await.0, 200);
        catalog.delete("/products/onda").await;
        assert_eq!(catalog.delete("/categories/vases").await.0, 204);
        assert_eq!(catalog.get("/categories/vases").await.0, 404);
        assert_eq!(catalog.delete("/categories/vases").await.0, 404);
    }
}

#[tokio::test]
async fn stories_and_shops_can_be_deleted() {
    for (catalog, _database) in catalogs().await {
        let story = json!({
            "slug": "morning", "title": "A morning", "text": "It rains.", "picture": null, "alt": "",
            "link": { "label": "See more", "href": "/category/vases" }, "position": 1,
        });
        let shop = json!({
            "slug": "ghent", "name": "Stoa", "position": 1, "note": null, "hours": [],
            "address": { "line1": "Rua 1", "postal_code": "1000", "city": "Ghent", "country": "BE" },
            "latitude": 51.05, "longitude": 3.72,
        });
        for (path, body) in [("/stories/morning", story), ("/shops/ghent", shop)] {
            assert_eq!(catalog.put(path, &body).await.0, 200);
            assert_eq!(catalog.delete(path).await.0, 204, "{path}");
            assert_eq!(catalog.get(path).await.0, 404, "{path}");
            assert_eq!(catalog.delete(path).await.0, 404, "{path}");
        }
    }
}
