use serde_json::{Value, json};

use crate::{catalogs, pointers};

fn story(slug: &str, position: u16) -> Value {
    json!({
        "slug": slug, "title": "A morning", "text": "It rains.", "picture": null, "alt": "",
        "link": { "label": "See more", "href": "/category/vases" }, "position": position,
    })
}

#[tokio::test]
async fn stories_are_ordered_by_position() {
    for (catalog, _database) in catalogs().await {
        assert_eq!(catalog.get("/stories").await.1, json!({ "items": [] }));
        for (slug, position) in [("c", 1), ("b", 3), ("a", 3), ("d", 9)] {
            assert_eq!(
                catalog.put(&format!("/stories/{slug}"), &story(slug, position)).await.0,
                200
            );
        }
        catalog.put("/stories/d", &story("d", 2)).await;
        let items = catalog.get("/stories").await.1;
        let slugs: Vec<_> = items["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| &item["slug"])
            .collect();
        assert_eq!(slugs, ["c", "d", "a", "b"]);
        assert_eq!(catalog.get("/stories/d").await.1, story("d", 2));
    }
}

#[tokio::test]
async fn unknown_story_is_not_found() {
    for (catalog, _database) in catalogs().await {
        for path in ["/stories/none", "/stories/No%20Slug", "/stories/%00"] {
            assert_eq!(catalog.get(path).await.0, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn invalid_story_fields_are_named() {
    for (catalog, _database) in catalogs().await {
        let broken = [
            ("/slug", json!("other")),
            ("/title", json!("")),
            ("/title", json!("nul \u{0} byte")),
            ("/text", json!("x".repeat(1001))),
            ("/picture", json!("../secret")),
            ("/alt", json!("x".repeat(513))),
            ("/link/label", json!(" ")),
            ("/link/href", json!("https://example.com/")),
            ("/link/href", json!("//example.com/")),
            ("/link/href", json!("/\\example.com/")),
            ("/link/href", json!("javascript:alert(1)")),
            ("/position", json!(-1)),
            ("/position", json!("1")),
        ];
        for (pointer, value) in broken {
            let mut body = story("morning", 1);
            *body.pointer_mut(pointer).unwrap() = value;
            let (status, problem) = catalog.put("/stories/morning", &body).await;
            assert_eq!(
                (status.as_u16(), pointers(&problem)),
                (422, vec![&*format!("#{pointer}")]),
                "{body}"
            );
        }
        assert_eq!(catalog.get("/stories/morning").await.0, 404);
    }
}
