use reqwest::Method;
use serde_json::json;

use crate::{
    ORDER, assert_sound, commit, errors, hold, inventories, kind, kinds, put_stock, put_stock_at, request, restock,
    stock, stock_at,
};

#[tokio::test]
async fn what_comes_back_is_for_everybody() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 3).await;
        put_stock_at(&inventory, "bowl", "berlin", 2).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 2), ("bowl", 1)])).await;
        assert_eq!(commit(&inventory, &reservation).await.0, 200);

        let (status, first) = restock(&inventory, "back", &[("mug", 1), ("bowl", 1)]).await;
        assert_eq!(status, 201, "{first}");
        assert_eq!((&first["order"], &first["location"]), (&json!(ORDER), &json!("main")));
        // It is where it came back to, wherever it came from.
        assert_eq!(stock(&inventory, "mug").await, [2, 0, 2]);
        assert_eq!(stock_at(&inventory, "bowl", "berlin").await, [1, 0, 1]);
        assert_eq!(stock_at(&inventory, "bowl", "main").await, [1, 0, 1]);
        // Told again: nothing more.
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
async fn no_more_comes_back_than_was_taken() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 3).await;
        put_stock(&inventory, "bowl", 3).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 2), ("bowl", 1)])).await;
        // Held is not taken yet.
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
async fn bad_fields_are_named() {
    for inventory in inventories().await {
        let goods = || {
            let mut goods = request(&[("mug", 1), ("bowl", 1)]);
            goods["location"] = json!("main");
            goods["reason"] = json!("too small");
            goods
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
            let mut body = goods();
            *body.pointer_mut(pointer).unwrap() = value;
            let (status, problem) = inventory.post("/restocks", "key", &body).await;
            assert_eq!(status, 422, "{body}");
            assert_eq!(errors(&problem)[0].0, format!("#{pointer}"), "{body}");
        }
        let without_key = inventory.request(Method::POST, "/restocks").json(&goods());
        assert_eq!(without_key.send().await.unwrap().status(), 400);
    }
}
