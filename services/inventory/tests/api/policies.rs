//! Stock policies: untracked SKUs, backorders and deleted stock.

use serde_json::{Value, json};
use testkit::Running;

use crate::{assert_sound, commit, errors, hold, inventories, kind, movements, put_stock, request, restock, stock};

async fn set_policy(inventory: &Running, sku: &str, policy: Value) -> Value {
    let mut body = policy;
    body["sku"] = json!(sku);
    let (status, stock) = inventory.put(&format!("/stock/{sku}"), &body).await;
    assert_eq!(status, 200, "{stock}");
    stock
}

#[tokio::test]
async fn untracked_sku_can_always_be_bought() {
    for inventory in inventories().await {
        let stock = set_policy(&inventory, "course", json!({ "tracked": false })).await;
        assert_eq!((&stock["tracked"], &stock["on_hand"]), (&json!(false), &json!(0)));
        put_stock(&inventory, "mug", 1).await;
        let reservation = hold(&inventory, "key", &request(&[("course", 99), ("mug", 1)])).await;
        let (status, committed) = commit(&inventory, &reservation).await;
        assert_eq!((status, committed["allocations"].as_array().unwrap().len()), (200, 1));
        assert_eq!(committed["backordered"], json!([]));
        assert!(movements(&inventory, "course").await.is_empty());
        // Untracked units can be returned, and change no stock.
        let (status, answer) = restock(&inventory, "back", &[("course", 99), ("mug", 1)]).await;
        assert_eq!(status, 201, "{answer}");
        assert_sound(&inventory).await;
        set_policy(&inventory, "course", json!({ "tracked": true })).await;
        let (status, problem) = inventory
            .post("/reservations", "other", &request(&[("course", 1)]))
            .await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:out-of-stock"));
    }
}

#[tokio::test]
async fn missing_units_are_backordered() {
    for inventory in inventories().await {
        put_stock(&inventory, "ring", 2).await;
        set_policy(&inventory, "ring", json!({ "backorder": "allow" })).await;
        let reservation = hold(&inventory, "key", &request(&[("ring", 5)])).await;
        assert_eq!(stock(&inventory, "ring").await, [2, 2, 0]);
        let (_, held) = inventory.get(&reservation).await;
        assert_eq!(held["backordered"], json!([{ "sku": "ring", "quantity": 3 }]));
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        assert_eq!(stock(&inventory, "ring").await, [0, 0, 0]);
        let all = hold(&inventory, "other", &request(&[("ring", 1)])).await;
        assert_eq!(commit(&inventory, &all).await.0, 200, "none in stock");
        // Two units were shipped, so two are put back.
        assert_eq!(restock(&inventory, "back", &[("ring", 5)]).await.0, 201);
        assert_eq!(stock(&inventory, "ring").await, [2, 0, 2]);
        assert_sound(&inventory).await;
        set_policy(&inventory, "ring", json!({ "backorder": "deny" })).await;
        let (status, problem) = inventory.post("/reservations", "third", &request(&[("ring", 3)])).await;
        assert_eq!(
            (status.as_u16(), errors(&problem)),
            (409, vec![("#/lines/0/quantity", "Only 2 left.")])
        );
    }
}

#[tokio::test]
async fn availability_includes_the_stock_policy() {
    for inventory in inventories().await {
        set_policy(&inventory, "a", json!({ "tracked": false })).await;
        set_policy(&inventory, "b", json!({ "on_hand": 3, "backorder": "allow" })).await;
        let found = inventory.get("/availability?sku=a&sku=b").await.1;
        let expected = json!({ "items": [
            { "sku": "a", "available": 0, "tracked": false, "backorder": "deny" },
            { "sku": "b", "available": 3, "tracked": true, "backorder": "allow" },
        ] });
        assert_eq!(found, expected);
        // A count does not change the policy.
        put_stock(&inventory, "b", 1).await;
        assert_eq!(inventory.get("/stock/b").await.1["backorder"], "allow");
    }
}

#[tokio::test]
async fn deleted_stock_is_hidden_until_it_is_counted_again() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 3).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 1)])).await;
        let (status, problem) = inventory.delete("/stock/mug").await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:reserved"));
        assert_eq!(stock(&inventory, "mug").await, [3, 1, 2]);
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        assert_eq!(inventory.delete("/stock/mug").await.0, 204);
        assert_eq!(inventory.delete("/stock/mug").await.0, 404);
        assert_eq!(inventory.delete("/stock/never").await.0, 404);
        assert_eq!(inventory.get("/stock/mug").await.0, 404);
        assert_eq!(inventory.get("/availability?sku=mug").await.1, json!({ "items": [] }));
        let (status, _) = inventory.post("/reservations", "other", &request(&[("mug", 1)])).await;
        assert_eq!(status, 409);
        let happened: Vec<_> = movements(&inventory, "mug")
            .await
            .into_iter()
            .map(|(kind, _, on_hand, _)| (kind, on_hand))
            .collect();
        assert_eq!(happened.last(), Some(&("counted".to_owned(), -2)));
        put_stock(&inventory, "mug", 5).await;
        assert_eq!(stock(&inventory, "mug").await, [5, 0, 5]);
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn invalid_stock_policies_are_rejected_by_field() {
    for inventory in inventories().await {
        for (body, pointer) in [
            (json!({ "sku": "mug" }), "#/on_hand"),
            (json!({ "sku": "mug", "tracked": "no" }), "#/tracked"),
            (json!({ "sku": "mug", "backorder": "continue" }), "#/backorder"),
            (json!({ "sku": "mug", "on_hand": 1, "price": 3 }), "#/price"),
        ] {
            let (status, problem) = inventory.put("/stock/mug", &body).await;
            assert_eq!((status.as_u16(), errors(&problem)[0].0), (422, pointer), "{body}");
        }
        assert_eq!(inventory.get("/stock/mug").await.0, 404);
    }
}
