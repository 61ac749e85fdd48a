use serde_json::{Value, json};

use crate::{catalogs, pointers};

fn shop(slug: &str, country: &str, position: u16) -> Value {
    json!({
        "slug": slug, "name": "Stoa", "position": position, "note": null, "hours": [],
        "address": { "line1": "Rua 1", "postal_code": "1000", "city": "Ghent", "country": country },
        "latitude": -51.05, "longitude": 3.72,
    })
}

#[tokio::test]
async fn shops_are_filtered_by_country() {
    for (catalog, _database) in catalogs().await {
        for (slug, country, position) in [("c", "BE", 2), ("b", "DE", 1), ("a", "BE", 1)] {
            let (status, answer) = catalog
                .put(&format!("/shops/{slug}"), &shop(slug, country, position))
                .await;
            assert_eq!((status.as_u16(), answer), (200, shop(slug, country, position)));
        }
        let slugs = async |query: &str| {
            let answer = catalog.get(&format!("/shops{query}")).await.1;
            let items = answer["items"].as_array().unwrap().clone();
            items
                .iter()
                .map(|item| item["slug"].as_str().unwrap().to_owned())
                .collect::<String>()
        };
        for (query, expected) in [
            ("", "abc"),
            ("?country=BE", "ac"),
            ("?country=DE", "b"),
            ("?country=ZZ", ""),
        ] {
            assert_eq!(slugs(query).await, expected, "{query}");
        }
        for query in ["?country=", "?country=de", "?country=DEU", "?country=%00%00"] {
            assert_eq!(catalog.get(&format!("/shops{query}")).await.0, 400, "{query}");
        }
    }
}

#[tokio::test]
async fn unknown_shop_is_not_found() {
    for (catalog, _database) in catalogs().await {
        for path in ["/shops/none", "/shops/No%20Slug", "/shops/%00"] {
            assert_eq!(catalog.get(path).await.0, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn invalid_shop_fields_are_named() {
    for (catalog, _database) in catalogs().await {
        let line = json!({ "days": "Monday", "hours": "10:00–12:00" });
        let broken = [
            ("/slug", json!("other")),
            ("/name", json!("")),
            ("/note", json!("")),
            ("/note", json!("x".repeat(501))),
            ("/address/line1", json!("nul \u{0} byte")),
            ("/address/country", json!("Germany")),
            ("/address/country", json!("de")),
            ("/hours", json!(vec![line; 15])),
            ("/hours", json!("always")),
            ("/latitude", json!(90.001)),
            ("/latitude", json!("north")),
            ("/longitude", json!(-180.5)),
            ("/longitude", json!(1e300)),
            ("/position", json!(65536)),
        ];
        for (pointer, value) in broken {
            let mut body = shop("ghent", "BE", 1);
            *body.pointer_mut(pointer).unwrap() = value;
            let (status, problem) = catalog.put("/shops/ghent", &body).await;
            assert_eq!(
                (status.as_u16(), pointers(&problem)),
                (422, vec![&*format!("#{pointer}")]),
                "{body}"
            );
        }
        assert_eq!(catalog.get("/shops/ghent").await.0, 404);
    }
}
