//! Products as merchants have them in other shops.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{catalogs, pointers, product, variant};

#[tokio::test]
async fn html_description_is_sanitized() {
    for (catalog, _database) in catalogs().await {
        let mut body = product("onda", "Onda");
        let written = "<h1>Care</h1>\r\n<p onclick=\"x()\">Warm &amp; <b>soft</b></p><script>alert(1)</script><esi:include src=\"/x\"/>\
            <ul><li>One</li>\t<li>Two</li></ul><img src=x onerror=alert(1)>";
        body["description_html"] = json!(written);
        let (status, kept) = catalog.put("/products/onda", &body).await;
        let clean = "<h2>Care</h2>\n<p>Warm &amp; <b>soft</b></p><ul><li>One</li> <li>Two</li></ul>";
        assert_eq!((status.as_u16(), &kept["description_html"]), (200, &json!(clean)));
        assert_eq!(kept["description"], "Care\nWarm & soft\nOne\nTwo");
        assert_eq!(catalog.get("/products/onda").await.1, kept);
        assert_eq!(
            catalog.put("/products/onda", &kept).await.1,
            kept,
            "a response can be sent back as a request"
        );
    }
}

#[tokio::test]
async fn plain_description_becomes_html_paragraphs() {
    for (catalog, _database) in catalogs().await {
        let mut body = product("onda", "Onda");
        body.as_object_mut().unwrap().remove("description_html");
        body["description"] = json!("One & two\r\n\r\nthree <3\tfour");
        let kept = catalog.put("/products/onda", &body).await.1;
        assert_eq!(kept["description_html"], "<p>One &amp; two</p><p>three &lt;3 four</p>");
        assert_eq!(kept["description"], "One & two\nthree <3 four");
    }
}

#[tokio::test]
async fn texts_may_be_long_or_omitted() {
    for (catalog, _database) in catalogs().await {
        let mut body = product("onda", "Onda\tvase\r\nII");
        body["description_html"] = json!("ä".repeat(65_535));
        body["summary"] = json!("");
        let (status, kept) = catalog.put("/products/onda", &body).await;
        assert_eq!(
            (status.as_u16(), &kept["name"]),
            (200, &json!("Onda vase II")),
            "{kept}"
        );
        let least =
            json!({ "slug": "least", "name": "L", "category": "vases", "variants": [{ "sku": "L", "label": "L" }] });
        let mut expected = product("least", "L");
        for (field, value) in [
            ("summary", json!("")),
            ("description_html", json!("")),
            ("description", json!("")),
            ("vendor", Value::Null),
            ("variants", json!([variant("L")])),
        ] {
            expected[field] = value;
        }
        expected["variants"][0]["label"] = json!("L");
        assert_eq!(catalog.put("/products/least", &least).await, (StatusCode::OK, expected));
    }
}

#[tokio::test]
async fn large_products_are_accepted() {
    for (catalog, _database) in catalogs().await {
        let mut body = product("shirt", "Shirt");
        let picture = |number| json!({ "name": format!("shirt-{number}"), "alt": "A shirt." });
        body["pictures"] = (0..250).map(picture).collect();
        let value = |number: usize| format!("Value {number}");
        body["options"] = json!([{ "name": "Kind", "values": (0..2048).map(value).collect::<Vec<_>>() }]);
        let variant = |number: usize| {
            let mut variant = variant(&format!("shirt/{number}"));
            variant["options"] = json!({ "Kind": value(number) });
            variant["weight"] = json!({ "value": 0.2, "unit": "kg" });
            variant
        };
        body["variants"] = (0..2048).map(variant).collect();
        assert_eq!(catalog.put("/products/shirt", &body).await.0, 200);
        assert_eq!(catalog.get("/products/shirt").await.1, body);
        let more = json!({ "sku": "one-more", "label": "x", "options": { "Kind": "Value 0" } });
        body["variants"].as_array_mut().unwrap().push(more);
        let (status, problem) = catalog.put("/products/shirt", &body).await;
        assert_eq!((status.as_u16(), pointers(&problem)), (422, vec!["#/variants"]));
    }
}

#[tokio::test]
async fn product_can_be_in_several_categories() {
    for (catalog, _database) in catalogs().await {
        for slug in ["gifts", "sale"] {
            let body = json!({ "slug": slug, "name": slug, "position": 2 });
            catalog.put(&format!("/categories/{slug}"), &body).await;
        }
        let mut body = product("onda", "Onda");
        body["categories"] = json!(["gifts", "vases", "sale"]);
        let kept = catalog.put("/products/onda", &body).await.1;
        assert_eq!(
            kept["categories"],
            json!(["vases", "gifts", "sale"]),
            "the main category is the first"
        );
        catalog.put("/products/piega", &product("piega", "Piega")).await;
        for (query, total) in [
            ("category=vases", 2),
            ("category=gifts", 1),
            ("category=sale&sort=newest", 1),
            ("category=gifts&slug=onda,piega", 1),
            ("q=gifts", 1),
            ("q=sale%20gifts%20vases", 1),
            ("category=sale&q=vases", 1),
            ("q=gifts%20piega", 0),
        ] {
            assert_eq!(
                catalog.get(&format!("/products?{query}")).await.1["total"],
                total,
                "{query}"
            );
        }
        catalog.put("/products/onda", &product("onda", "Onda")).await;
        assert_eq!(catalog.get("/products?category=gifts").await.1["total"], 0);
    }
}

#[tokio::test]
async fn unknown_fields_are_rejected_by_name() {
    for (catalog, _database) in catalogs().await {
        let mut body = product("onda", "Onda");
        body["published"] = json!(false);
        let (status, problem) = catalog.put("/products/onda", &body).await;
        assert_eq!((status.as_u16(), pointers(&problem)), (422, vec!["#/published"]));
        let mut body = product("onda", "Onda");
        body["variants"][0]["compare_at"] = json!(4800);
        let (status, problem) = catalog.put("/products/onda", &body).await;
        assert_eq!(
            (status.as_u16(), pointers(&problem)),
            (422, vec!["#/variants/0/compare_at"])
        );
        assert_eq!(catalog.get("/products/onda").await.0, 404);
    }
}

#[tokio::test]
async fn tags_gtin_and_weight_are_stored_and_searchable() {
    for (catalog, _database) in catalogs().await {
        let mut body = product("onda", "Onda");
        body["tags"] = json!(["stoneware", "Größe M"]);
        body["variants"][0]["gtin"] = json!("4006381333931");
        body["variants"][0]["weight"] = json!({ "value": 1.4, "unit": "kg" });
        assert_eq!(
            catalog.put("/products/onda", &body).await,
            (StatusCode::OK, body.clone())
        );
        assert_eq!(catalog.get("/products/onda").await.1, body);
        for q in ["stoneware", "grosse", "4006381333931"] {
            assert_eq!(catalog.get(&format!("/products?q={q}")).await.1["total"], 1, "{q}");
        }
    }
}

#[tokio::test]
async fn earlier_names_of_fields_are_accepted() {
    for (catalog, _database) in catalogs().await {
        let mut body = product("onda", "Onda");
        body["related"] = json!(["alba"]);
        let text = body.to_string();
        let text = text
            .replace("\"vendor\"", "\"maker\"")
            .replace("\"related\"", "\"goes_with\"");
        let earlier: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            catalog.put("/products/onda", &earlier).await,
            (StatusCode::OK, body.clone())
        );
    }
}

#[tokio::test]
async fn only_active_products_are_listed_by_default() {
    for (catalog, _database) in catalogs().await {
        for (slug, status) in [("a", "active"), ("d", "draft"), ("o", "archived")] {
            let mut body = product(slug, "Vase");
            body["status"] = json!(status);
            assert_eq!(catalog.put(&format!("/products/{slug}"), &body).await.0, 200);
            assert_eq!(catalog.get(&format!("/products/{slug}")).await.1["status"], status);
        }
        let slugs = async |query: &str| {
            let page = catalog.get(&format!("/products?{query}")).await.1;
            let items = page["items"].as_array().unwrap().iter();
            let slugs: String = items.map(|item| item["slug"].as_str().unwrap().to_owned()).collect();
            assert_eq!(page["total"], slugs.len(), "{query}");
            slugs
        };
        for query in ["", "category=vases", "q=vase", "slug=a,d,o", "sort=newest"] {
            assert_eq!(slugs(query).await, "a", "{query}");
        }
        for (query, expected) in [
            ("status=draft", "d"),
            ("status=archived&q=vase", "o"),
            ("status=any", "ado"),
        ] {
            assert_eq!(slugs(query).await, expected, "{query}");
        }
        let found = catalog.get("/variants?sku=a&sku=d&sku=o").await.1;
        let items = found["items"].as_array().unwrap().iter();
        let mut statuses: Vec<_> = items.map(|item| item["product"]["status"].as_str().unwrap()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, ["active", "archived", "draft"]);
        let archived = json!({ "status": "archived" });
        assert_eq!(
            catalog.put("/products/a/status", &archived).await,
            (StatusCode::OK, archived.clone())
        );
        assert_eq!(slugs("").await, "");
        assert_eq!(catalog.put("/products/none/status", &archived).await.0, 404);
        let (status, problem) = catalog.put("/products/a/status", &json!({ "status": "gone" })).await;
        assert_eq!((status.as_u16(), pointers(&problem)), (422, vec!["#/status"]));
    }
}
