use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::Running;

use crate::{catalogs, product};

fn slugs(page: &Value) -> Vec<&str> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["slug"].as_str())
        .collect()
}

/// Creates products one after the other, all with the same name.
async fn fill(catalog: &Running, slugs: &[&str]) {
    for slug in slugs {
        assert_eq!(
            catalog
                .put(&format!("/products/{slug}"), &product(slug, "Same"))
                .await
                .0,
            200
        );
    }
}

/// All slugs of a list, page by page, and the total, which must be the same on every page.
async fn walk(catalog: &Running, query: &str) -> (Vec<String>, u64) {
    let (mut seen, mut totals, mut after) = (Vec::new(), BTreeSet::new(), String::new());
    loop {
        let page = catalog.get(&format!("/products?limit=2&{query}{after}")).await.1;
        assert!(slugs(&page).len() <= 2, "{query}");
        seen.extend(slugs(&page).into_iter().map(ToOwned::to_owned));
        totals.insert(page["total"].as_u64().unwrap());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(totals.len(), 1, "{query}: {totals:?}");
    (seen, totals.pop_first().unwrap())
}

async fn search(catalog: &Running, q: &str) -> (u16, Value) {
    let query = serde_urlencoded::to_string([("q", q)]).unwrap();
    let (status, answer) = catalog.get(&format!("/products?{query}")).await;
    (status.as_u16(), answer)
}

#[tokio::test]
async fn pages_have_no_gaps_and_no_duplicates() {
    for (catalog, _database) in catalogs().await {
        for (slug, name) in [
            ("d", "Same"),
            ("a", "Zuppa"),
            ("c", "Same"),
            ("b", "Same"),
            ("e", "Åland $ café"),
        ] {
            catalog.put(&format!("/products/{slug}"), &product(slug, name)).await;
        }
        let whole = catalog.get("/products").await.1;
        assert_eq!(whole["next"], Value::Null);
        let mut seen = Vec::new();
        let mut query = String::new();
        loop {
            let page = catalog.get(&format!("/products?category=vases&limit=2{query}")).await.1;
            assert!(slugs(&page).len() <= 2);
            seen.extend(slugs(&page).into_iter().map(ToOwned::to_owned));
            let Some(next) = page["next"].as_str() else { break };
            query = format!("&after={next}");
        }
        assert_eq!(seen, slugs(&whole));
        assert_eq!(seen.len(), 5);
    }
}

#[tokio::test]
async fn basic_view_has_no_descriptions() {
    for (catalog, _database) in catalogs().await {
        catalog.put("/products/onda", &product("onda", "Onda")).await;
        let mut full = catalog.get("/products?view=full").await.1;
        assert_eq!(full, catalog.get("/products").await.1);
        assert_ne!(full["items"][0]["description"], "");
        for field in ["description", "description_html"] {
            full["items"][0][field] = json!("");
        }
        assert_eq!(catalog.get("/products?view=basic").await.1, full);
    }
}

#[tokio::test]
async fn products_are_filtered_by_category() {
    for (catalog, _database) in catalogs().await {
        catalog.put("/products/onda", &product("onda", "Onda")).await;
        assert_eq!(slugs(&catalog.get("/products?category=vases").await.1), ["onda"]);
        assert_eq!(
            catalog.get("/products?category=lamps").await.1,
            json!({ "items": [], "next": null, "total": 0 })
        );
    }
}

#[tokio::test]
async fn newest_sort_goes_by_the_first_put() {
    for (catalog, _database) in catalogs().await {
        fill(&catalog, &["d", "a", "c", "b", "e"]).await;
        fill(&catalog, &["a"]).await;
        let newest = ["e", "b", "c", "a", "d"];
        assert_eq!(slugs(&catalog.get("/products?sort=newest").await.1), newest);
        for query in [
            "sort=newest",
            "sort=newest&category=vases&q=same",
            "sort=newest&slug=a,b,c,d,e",
        ] {
            let (seen, total) = walk(&catalog, query).await;
            assert_eq!(
                (seen.iter().map(String::as_str).collect::<Vec<_>>(), total),
                (newest.to_vec(), 5),
                "{query}"
            );
        }
    }
}

#[tokio::test]
async fn cursor_of_another_sort_order_is_rejected() {
    for (catalog, _database) in catalogs().await {
        fill(&catalog, &["a", "b", "c"]).await;
        for (sort, other) in [("name", "newest"), ("newest", "name")] {
            let page = catalog.get(&format!("/products?limit=1&sort={sort}")).await.1;
            let after = page["next"].as_str().unwrap();
            assert_eq!(
                catalog.get(&format!("/products?sort={sort}&after={after}")).await.0,
                200
            );
            let (status, problem) = catalog.get(&format!("/products?sort={other}&after={after}")).await;
            assert_eq!(
                (status.as_u16(), &problem["type"]),
                (400, &json!("urn:problem:invalid-query"))
            );
        }
    }
}

#[tokio::test]
async fn products_are_filtered_by_slugs() {
    for (catalog, _database) in catalogs().await {
        fill(&catalog, &["b", "a", "c", "d"]).await;
        let find = async |query: &str| catalog.get(&format!("/products?{query}")).await.1;
        assert_eq!(slugs(&find("slug=c,nothing,a,a,No%20Slug,,%00").await), ["a", "c"]);
        assert_eq!(slugs(&find("slug=c,a&sort=newest").await), ["c", "a"]);
        assert_eq!(find("slug=").await, json!({ "items": [], "next": null, "total": 0 }));
        assert_eq!(find("slug=a&category=lamps").await["total"], 0);
        assert_eq!(find("slug=a&q=nowhere").await["total"], 0);
        assert_eq!(find("slug=a&q=VASE").await["total"], 1);
        assert_eq!(
            walk(&catalog, "slug=d,c,b,a").await,
            (["a", "b", "c", "d"].map(str::to_owned).to_vec(), 4)
        );
        let many = |count: usize| format!("/products?slug={}", vec!["a"; count].join(","));
        assert_eq!(catalog.get(&many(100)).await.0, 200);
        assert_eq!(catalog.get(&many(101)).await.0, 400);
    }
}

#[tokio::test]
async fn every_search_term_must_match() {
    for (catalog, _database) in catalogs().await {
        let lamps = json!({ "slug": "light", "name": "Lämps", "summary": "At dusk.", "position": 2 });
        catalog.put("/categories/light", &lamps).await;
        let mut lamp = product("faro", "Faro 50 % Ünïcode_\\ O'Neill");
        lamp["category"] = json!("light");
        lamp["categories"] = json!([]);
        lamp["summary"] = json!("For reading.");
        lamp["vendor"] = json!("Ōsaka 大阪");
        lamp["options"] = json!([{ "name": "Shade", "values": ["Burnt Orange"] }]);
        lamp["variants"][0]["options"] = json!({ "Shade": "Burnt Orange" });
        catalog.put("/products/faro", &lamp).await;
        fill(&catalog, &["vase"]).await;
        let found = [
            "faro",
            "FARO",
            "reading",
            "ōSAKA",
            "大阪",
            "ünï",
            "light",
            "lämps",
            "LÄMPS",
            "orange",
            "orange  faro\tdusk",
            "ange aro",
            "50 %",
            "%",
            "_",
            "\\",
            "o'neill",
            "code_\\",
            "faro faro faro faro faro faro faro faro",
        ];
        for q in found {
            let expected = if q.contains("dusk") { vec![] } else { vec!["faro"] };
            assert_eq!(slugs(&search(&catalog, q).await.1), expected, "{q:?}");
        }
        for q in [
            "shade",
            "far_",
            "fa%o",
            "f_ro",
            "%%",
            "__",
            "faro vase",
            "' or 1=1 --",
            "<b>",
            "\u{202e}",
        ] {
            let (status, answer) = search(&catalog, q).await;
            assert_eq!((status, &answer["total"]), (200, &json!(0)), "{q:?}");
        }
        for q in ["", " \t\n "] {
            assert_eq!(search(&catalog, q).await.1["total"], 2, "{q:?}");
        }
    }
}

#[tokio::test]
async fn search_ignores_case_accents_and_hyphens() {
    for (catalog, _database) in catalogs().await {
        for (slug, name, sku) in [
            ("aepfel", "Äpfel auf dem Dachboden", "24-WG085"),
            ("eclair", "Éclair", "Woo-hoodie-logo"),
            ("shirt", "T-Shirt “Smørrebrød”", "12.345.67"),
        ] {
            let mut body = product(slug, name);
            body["variants"][0]["sku"] = json!(sku);
            catalog.put(&format!("/products/{slug}"), &body).await;
        }
        for (q, slug) in [
            ("apfel", "aepfel"),
            ("ÄPFEL", "aepfel"),
            ("eclair", "eclair"),
            ("e\u{301}clair", "eclair"),
            ("t-shirt", "shirt"),
            ("tshirt smorrebrod", "shirt"),
            ("T\u{2011}Shirt", "shirt"),
            ("t shirt smørrebrød", "shirt"),
            ("24-wg085", "aepfel"),
            ("24wg085", "aepfel"),
            ("WG085", "aepfel"),
            ("woo-hoodie", "eclair"),
            ("12.345.67", "shirt"),
        ] {
            assert_eq!(slugs(&search(&catalog, q).await.1), [slug], "{q:?}");
        }
        assert_eq!(search(&catalog, "a-b-c-d-e-f-g-h-i-j-k").await.0, 200);
        assert_eq!(search(&catalog, "--").await.1["total"], 0);
    }
}

#[tokio::test]
async fn names_are_sorted_as_in_a_dictionary() {
    for (catalog, _database) in catalogs().await {
        let names = [
            "10 Karten",
            "Ast",
            "Äste",
            "Astern",
            "Éclair",
            "eins",
            "Vase 9",
            "vase 10",
            "Zebra",
            "Ωmega",
            "大阪",
        ];
        for (number, name) in names.iter().enumerate().rev() {
            let slug = format!("p-{}", names.len() - number);
            catalog.put(&format!("/products/{slug}"), &product(&slug, name)).await;
        }
        let (mut listed, mut after) = (Vec::new(), String::new());
        loop {
            let page = catalog.get(&format!("/products?category=vases&limit=3{after}")).await.1;
            let items = page["items"].as_array().unwrap().iter();
            listed.extend(items.map(|item| item["name"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(listed, names);
    }
}

#[tokio::test]
async fn products_are_found_by_the_new_name_of_their_category() {
    for (catalog, _database) in catalogs().await {
        fill(&catalog, &["onda"]).await;
        let renamed = json!({ "slug": "vases", "name": "Vessels", "summary": "Of all kinds.", "position": 1 });
        catalog.put("/categories/vases", &renamed).await;
        assert_eq!(search(&catalog, "VESSELS").await.1["total"], 1);
    }
}

#[tokio::test]
async fn overlong_searches_are_rejected() {
    for (catalog, _database) in catalogs().await {
        for q in [
            "a\0b",
            "\u{7f}",
            &"x".repeat(101),
            &"ä".repeat(10_000),
            "a b c d e f g h i",
        ] {
            let (status, problem) = search(&catalog, q).await;
            assert_eq!(
                (status, &problem["type"]),
                (400, &json!("urn:problem:invalid-query")),
                "{q:?}"
            );
        }
        assert_eq!(search(&catalog, &"ä".repeat(100)).await.0, 200);
    }
}

#[tokio::test]
async fn invalid_queries_are_rejected() {
    for (catalog, _database) in catalogs().await {
        let queries = [
            "limit=0",
            "limit=101",
            "limit=-1",
            "limit=x",
            "after=%00",
            "after=!",
            "after=b25kYQ",
            "after=bmFtZSBvbmRhIHh5",
            "status=published",
            "category=A",
            "sort=price",
            "sort=",
            "q=%FF%00",
            // Timestamps before 1970, in the year 10000 and beyond.
            "sort=newest&after=bmV3ZXN0IG9uZGEgLTE",
            "sort=newest&after=bmV3ZXN0IG9uZGEgMjUzNDAyMzAwODAwMDAwMDAw",
            "sort=newest&after=bmV3ZXN0IG9uZGEgOTk5OTk5OTk5OTk5OTk5OTk5OTk",
        ];
        for query in queries {
            assert_eq!(catalog.get(&format!("/products?{query}")).await.0, 400, "{query}");
        }
    }
}
