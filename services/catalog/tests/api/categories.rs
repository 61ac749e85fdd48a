use serde_json::{Value, json};

use crate::{catalogs, pointers};

fn category(slug: &str, position: u16) -> Value {
    json!({ "slug": slug, "name": slug, "summary": "A category.", "position": position })
}

#[tokio::test]
async fn categories_are_ordered_by_position() {
    for (catalog, _database) in catalogs().await {
        for (slug, position) in [("light", 3), ("bowls", 2), ("mugs", 2)] {
            catalog
                .put(&format!("/categories/{slug}"), &category(slug, position))
                .await;
        }
        catalog.put("/categories/vases", &category("vases", 9)).await;
        let (_, answer) = catalog.get("/categories").await;
        let slugs: Vec<_> = answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["slug"].clone())
            .collect();
        assert_eq!(slugs, ["bowls", "mugs", "light", "vases"]);
    }
}

#[tokio::test]
async fn unknown_category_is_not_found() {
    for (catalog, _database) in catalogs().await {
        for path in ["/categories/lamps", "/categories/No%20Slug", "/categories/%00"] {
            let (status, problem) = catalog.get(path).await;
            assert_eq!(
                (status.as_u16(), &problem["type"]),
                (404, &json!("urn:problem:not-found")),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn invalid_category_fields_are_named() {
    for (catalog, _database) in catalogs().await {
        let broken = [
            ("/slug", json!("other")),
            ("/slug", json!("Vases")),
            ("/name", json!("")),
            ("/name", json!("nul \u{0} byte")),
            ("/name", json!("\u{200b}")),
            ("/summary", json!("x".repeat(501))),
            ("/parent", json!("light")),
            ("/position", json!(-1)),
            ("/position", json!(1_000_000_000)),
        ];
        for (pointer, value) in broken {
            let mut body = category("vases", 1);
            body[&pointer[1..]] = value;
            let (status, problem) = catalog.put("/categories/vases", &body).await;
            assert_eq!(
                (status.as_u16(), pointers(&problem)),
                (422, vec![&*format!("#{pointer}")]),
                "{body}"
            );
        }
    }
}
