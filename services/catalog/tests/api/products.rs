use reqwest::Method;
use serde_json::{Value, json};

use crate::{catalogs, pointers, product, variant};

fn many(count: usize, item: impl Fn(usize) -> Value) -> Value {
    (0..count).map(item).collect()
}

#[tokio::test]
async fn replacing_a_product_replaces_its_variants() {
    for (catalog, _database) in catalogs().await {
        catalog.put("/products/onda", &product("onda", "Onda")).await;
        let mut renamed = product("onda", "Onda II");
        renamed["variants"] = json!([variant("onda-b"), variant("onda-a"),]);
        assert_eq!(catalog.put("/products/onda", &renamed).await.0, 200);
        // In the order they were given, not that of their SKUs.
        assert_eq!(catalog.get("/products/onda").await.1, renamed);
        assert_eq!(catalog.get("/variants?sku=onda").await.1, json!({ "items": [] }));
    }
}

#[tokio::test]
async fn sku_of_another_product_is_rejected() {
    for (catalog, _database) in catalogs().await {
        catalog.put("/products/onda", &product("onda", "Onda")).await;
        let mut thief = product("piega", "Piega");
        thief["variants"][0]["sku"] = json!("onda");
        let (status, problem) = catalog.put("/products/piega", &thief).await;
        assert_eq!(
            (status.as_u16(), &problem["type"]),
            (409, &json!("urn:problem:sku-taken"))
        );
        // Nothing of the rejected product is stored.
        assert_eq!(catalog.get("/products/piega").await.0, 404);
        assert_eq!(catalog.get("/products/onda").await.1, product("onda", "Onda"));
    }
}

#[tokio::test]
async fn invalid_product_fields_are_named() {
    for (catalog, _database) in catalogs().await {
        let two = |first: &str, second: &str| {
            json!([
                { "sku": first, "label": "A", "options": { "Glaze": "Sand" }, "picture": "sand" },
                { "sku": second, "label": "B", "options": { "Glaze": "Sea" }, "picture": null },
            ])
        };
        let broken = [
            ("/slug", json!("other"), "/slug"),
            ("/slug", json!("-onda"), "/slug"),
            ("/name", json!(" "), "/name"),
            ("/name", json!("nul \u{0} byte"), "/name"),
            ("/description", json!("x".repeat(65_536)), "/description"),
            ("/description_html", json!("x".repeat(65_536)), "/description_html"),
            ("/status", json!("published"), "/status"),
            ("/vendor", json!(""), "/vendor"),
            ("/tags", json!(["a", " "]), "/tags/1"),
            ("/tags", many(251, |n| json!(n.to_string())), "/tags"),
            ("/categories", json!(["lamps"]), "/categories"),
            ("/categories", json!("vases"), "/categories"),
            ("/category", json!("lamps"), "/category"),
            ("/pictures", json!([]), "/variants/0/picture"),
            ("/pictures/0/name", json!("../secret"), "/pictures/0/name"),
            ("/pictures/0/alt", json!("x".repeat(513)), "/pictures/0/alt"),
            ("/pictures/0/alt", json!("nul \u{0} byte"), "/pictures/0/alt"),
            (
                "/pictures",
                many(251, |n| json!({ "name": format!("p-{n}"), "alt": "" })),
                "/pictures",
            ),
            (
                "/pictures",
                json!([{ "name": "sand", "alt": "" }, { "name": "sand", "alt": "" }]),
                "/pictures/1/name",
            ),
            ("/variants/1/picture", json!("sea"), "/variants/1/picture"),
            ("/variants/1/picture", json!(7), "/variants/1/picture"),
            (
                "/details",
                many(101, |n| json!({ "name": n.to_string(), "value": "x" })),
                "/details",
            ),
            ("/details/0/value", json!(" "), "/details/0/value"),
            ("/related", many(13, |n| json!(format!("p-{n}"))), "/related"),
            ("/related", json!(["alba", "onda"]), "/related/1"),
            ("/related", json!(["alba", "alba"]), "/related/1"),
            ("/related", json!(["Alba"]), "/related/0"),
            ("/related", json!(null), "/related"),
            (
                "/options",
                json!([{ "name": "Glaze", "values": [] }]),
                "/options/0/values",
            ),
            (
                "/options",
                json!([{ "name": "Glaze", "values": ["Sand", ""] }]),
                "/options/0/values/1",
            ),
            ("/options", json!([]), "/variants/0/options"),
            ("/variants", json!([]), "/variants"),
            ("/variants", two("same", "same"), "/variants/1/sku"),
            ("/variants", two("a", "b\u{200b}"), "/variants/1/sku"),
            ("/variants/0/options/Glaze", json!("Pink"), "/variants/0/options"),
            ("/variants/0/gtin", json!("4006381333932"), "/variants/0/gtin"),
            (
                "/variants/0/weight",
                json!({ "value": -1, "unit": "kg" }),
                "/variants/0/weight/value",
            ),
            (
                "/variants/0/weight",
                json!({ "value": 1, "unit": "stone" }),
                "/variants/0/weight/unit",
            ),
        ];
        for (pointer, value, wrong) in broken {
            let mut body = product("onda", "Onda");
            body["options"] = json!([{ "name": "Glaze", "values": ["Sand", "Sea"] }]);
            body["variants"] = two("a", "b");
            body["pictures"] = json!([{ "name": "sand", "alt": "In sand." }]);
            body["details"] = json!([{ "name": "Height", "value": "30 cm" }]);
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            let parent = body.pointer_mut(parent).unwrap();
            match field.parse::<usize>() {
                Ok(index) => parent[index] = value,
                Err(_) => parent[field] = value,
            }
            let (status, problem) = catalog.put("/products/onda", &body).await;
            assert_eq!(status, 422, "{body}");
            assert_eq!(pointers(&problem).first(), Some(&&*format!("#{wrong}")), "{body}");
        }
        assert_eq!(catalog.get("/products/onda").await.0, 404);
    }
}

#[tokio::test]
async fn all_violations_are_reported_at_once() {
    for (catalog, _database) in catalogs().await {
        let mut body = product("onda", "Onda");
        body["slug"] = json!("other");
        body["options"] = json!([{ "name": "Glaze", "values": [] }, { "name": "Glaze", "values": ["Sand"] }]);
        let (_, problem) = catalog.put("/products/onda", &body).await;
        assert_eq!(
            pointers(&problem),
            [
                "#/options/1/name",
                "#/options/0/values",
                "#/variants/0/options",
                "#/slug"
            ]
        );
    }
}

#[tokio::test]
async fn malformed_requests_are_rejected() {
    for (catalog, _database) in catalogs().await {
        let body = |text: String| {
            catalog
                .request(Method::PUT, "/products/onda")
                .header("content-type", "application/json")
                .body(text)
        };
        assert_eq!(body("{".into()).send().await.unwrap().status(), 400);
        assert_eq!(body("x".repeat(5 << 20)).send().await.unwrap().status(), 413);
        assert_eq!(
            catalog
                .request(Method::PUT, "/products/onda")
                .body("{}")
                .send()
                .await
                .unwrap()
                .status(),
            415
        );
        assert_eq!(catalog.delete("/products").await.0, 405);
    }
}

/// On PostgreSQL the two requests run concurrently.
#[tokio::test]
async fn concurrent_updates_with_the_same_skus_do_not_deadlock() {
    for (catalog, _database) in catalogs().await {
        let skus: Vec<String> = (0..40).map(|number| format!("wanted-{number}")).collect();
        let claim = |slug: &str, skus: Vec<&String>| {
            let mut body = product(slug, slug);
            body["variants"] = skus
                .iter()
                .map(|sku| json!({ "sku": sku, "label": "x", "options": {}, "picture": null }))
                .collect();
            body
        };
        let (first, second) = (
            claim("first", skus.iter().collect()),
            claim("second", skus.iter().rev().collect()),
        );
        let (first, second) = tokio::join!(
            catalog.put("/products/first", &first),
            catalog.put("/products/second", &second)
        );
        let mut statuses = [first.0.as_u16(), second.0.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }
}
