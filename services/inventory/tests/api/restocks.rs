use reqwest::Method;
use serde_json::json;

use crate::{
    ORDER, assert_sound, commit, errors, hold, inventories, kind, kinds, put_stock, put_stock_at, request, restock,
    stock, stock_at,
};

#[tokio::test]
async fn restocked_units_are_available_again() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 3).await;
        put_stock_at(&inventory, "bowl", "berlin", 2).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 2), ("bowl", 1)])).await;
        assert_eq!(commit(&inventory, &reservation).await.0, 200);

        let (status, first) = restock(&inventory, "back", &[("mug", 1), ("bowl", 1)]).await;
        assert_eq!(status, 201, "{first}");
        assert_eq!((&first["order"], &first["location"]), (&json!(ORDER), &json!("main")));
        // Units are put back at the given location, not where they came from.
        assert_eq!(stock(&inventory, "mug").await, [2, 0, 2]);
        assert_eq!(stock_at(&inventory, "bowl", "berlin").await, [1, 0, 1]);
        assert_eq!(stock_at(&inventory, "bowl", "main").await, [1, 0, 1]);
        // A repeated request changes nothing.
        assert_eq!(
            restock(&inventory, "back", &[("mug", 1), ("bowl", 1)]).await,
            (201, first)
        );
        assert_eq!(stock(&inventory, "mug").await, [2, 0, 2]);
        let (status, problem) = restock(&inventory, "back", &[("mug", 1)]).await;
        assert_eq!((status, kind(&problem)), (422, "urn:problem:idempotency-key-reused"));

        assert_eq!(
            kinds(&inventory, "mug").await,
            ["counted", "reserved", "shipped", "restocked"]
        );
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn restock_cannot_exceed_the_units_taken() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 3).await;
        put_stock(&inventory, "bowl", 3).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 2), ("bowl", 1)])).await;
        // Held units are not taken yet.
        assert_eq!(restock(&inventory, "early", &[("mug", 1)]).await.0, 409);
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        assert_eq!(restock(&inventory, "first", &[("mug", 1)]).await.0, 201);

        let (status, problem) = restock(&inventory, "more", &[("bowl", 1), ("mug", 2), ("unknown", 1)]).await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:not-taken"));
        assert_eq!(
            errors(&problem),
            [
                ("#/lines/1/quantity", "Only 1 left."),
                ("#/lines/2/quantity", "None left.")
            ]
        );
        assert_eq!(stock(&inventory, "bowl").await, [2, 0, 2]);
        assert_eq!(inventory.get("/stock/unknown").await.0, 404);
        assert_eq!(restock(&inventory, "last", &[("mug", 1)]).await.0, 201);
        assert_eq!(restock(&inventory, "none", &[("mug", 1)]).await.0, 409);
        assert_eq!(stock(&inventory, "mug").await, [3, 0, 3]);
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn invalid_restock_fields_are_named() {
    for inventory in inventories().await {
        let valid = || {
            let mut body = request(&[("mug", 1), ("bowl", 1)]);
            body["location"] = json!("main");
            body["reason"] = json!("too small");
            body
        };
        for (pointer, value) in [
            ("/order", json!("1")),
            ("/lines", json!([])),
            ("/lines/0/quantity", json!(0)),
            ("/lines/0/quantity", json!(1_000_000_000)),
            ("/lines/1/sku", json!("mug")),
            ("/location", json!("")),
            ("/reason", json!(" ")),
            ("/reason", json!("x\u{0}")),
            ("/reason", json!("x".repeat(201))),
        ] {
            let mut body = valid();
            *body.pointer_mut(pointer).unwrap() = value;
            let (status, problem) = inventory.post("/restocks", "key", &body).await;
            assert_eq!(status, 422, "{body}");
            assert_eq!(errors(&problem)[0].0, format!("#{pointer}"), "{body}");
        }
        let without_key = inventory.request(Method::POST, "/restocks").json(&valid());
        assert_eq!(without_key.send().await.unwrap().status(), 400);
    }
}
