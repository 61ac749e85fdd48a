use reqwest::Method;
use serde_json::{Value, json};
use testkit::{CODES, encoded};

use crate::{assert_sound, commit, errors, hold, inventories, kind, kinds, put_stock, request, stock};

#[tokio::test]
async fn second_count_replaces_the_first() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 3).await;
        put_stock(&inventory, "mug", 7).await;
        assert_eq!(stock(&inventory, "mug").await, [7, 0, 7]);
        put_stock(&inventory, "mug", 0).await;
        assert_eq!(stock(&inventory, "mug").await, [0, 0, 0]);
    }
}

#[tokio::test]
async fn count_below_the_reserved_units_is_rejected() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 5).await;
        hold(&inventory, "key", &request(&[("mug", 3)])).await;
        let (status, problem) = inventory
            .put("/stock/mug", &json!({ "sku": "mug", "on_hand": 2 }))
            .await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:reserved"));
        assert_eq!(stock(&inventory, "mug").await, [5, 3, 2]);
        put_stock(&inventory, "mug", 3).await;
        assert_eq!(stock(&inventory, "mug").await, [3, 3, 0]);
    }
}

#[tokio::test]
async fn any_printable_text_is_a_valid_sku() {
    for inventory in inventories().await {
        for (on_hand, sku) in (10..).zip(CODES) {
            put_stock(&inventory, sku, on_hand).await;
        }
        let lines = CODES.map(|sku| (sku, 2));
        let reservation = hold(&inventory, "key", &request(&lines)).await;
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        for (on_hand, sku) in (10..).zip(CODES) {
            assert_eq!(stock(&inventory, sku).await, [on_hand - 2, 0, on_hand - 2], "{sku}");
            assert_eq!(
                kinds(&inventory, sku).await,
                ["counted", "reserved", "shipped"],
                "{sku}"
            );
        }
        let all = CODES.map(|sku| format!("sku={}", encoded(sku))).join("&");
        for path in ["/stock", "/availability"] {
            let found = inventory.get(&format!("{path}?{all}")).await.1;
            let items = found["items"].as_array().unwrap();
            let mut skus: Vec<&Value> = items.iter().map(|item| &item["sku"]).collect();
            skus.sort_by_key(|sku| CODES.iter().position(|code| *sku == code));
            assert_eq!(skus, CODES, "{path}");
        }
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn unknown_skus_are_left_out() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 1).await;
        put_stock(&inventory, "bowl", 2).await;
        let items = inventory
            .get("/stock?sku=mug&sku=unknown&sku=bowl&sku=Not%20a%20SKU&sku=%00")
            .await
            .1;
        let mut skus: Vec<_> = items["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|item| item["sku"].as_str())
            .collect();
        skus.sort_unstable();
        assert_eq!(skus, ["bowl", "mug"]);
        assert_eq!(inventory.get("/stock?sku=").await.1, json!({ "items": [] }));
        assert_eq!(inventory.get("/stock/unknown").await.0, 404);
        assert_eq!(inventory.get("/stock/%00").await.0, 404);
    }
}

#[tokio::test]
async fn invalid_stock_fields_are_named() {
    for inventory in inventories().await {
        for (body, pointer) in [
            (json!({ "sku": "mug", "on_hand": -1 }), "#/on_hand"),
            (json!({ "sku": "mug", "on_hand": 1_000_001 }), "#/on_hand"),
            (json!({ "sku": "mug", "on_hand": 1_000_000_000 }), "#/on_hand"),
            (json!({ "sku": "mug", "on_hand": 1.5 }), "#/on_hand"),
            (json!({ "sku": "mug", "on_hand": "5" }), "#/on_hand"),
            (json!({ "sku": "bowl", "on_hand": 1 }), "#/sku"),
            (json!({ "sku": "mug\u{0}", "on_hand": 1 }), "#/sku"),
        ] {
            let (status, problem) = inventory.put("/stock/mug", &body).await;
            assert_eq!(status, 422, "{body}");
            assert_eq!(errors(&problem)[0].0, pointer, "{body}");
        }
        assert_eq!(inventory.get("/stock/mug").await.0, 404);
    }
}

#[tokio::test]
async fn malformed_stock_requests_are_rejected() {
    for inventory in inventories().await {
        let put = |body: String| {
            inventory
                .request(Method::PUT, "/stock/mug")
                .header("content-type", "application/json")
                .body(body)
                .send()
        };
        assert_eq!(put("{".into()).await.unwrap().status(), 400);
        assert_eq!(put("[".repeat(10_000)).await.unwrap().status(), 422);
        assert_eq!(put("x".repeat(300 * 1024)).await.unwrap().status(), 413);
        assert_eq!(inventory.get("/stock").await.0, 400);
        let many = vec!["sku=mug"; 101].join("&");
        assert_eq!(inventory.get(&format!("/stock?{many}")).await.0, 400);
        assert_eq!(inventory.get("/nothing").await.0, 404);
        assert_eq!(inventory.delete("/stock").await.0, 405);
    }
}
