use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    assert_sound, commit, errors, hold, inventories, kind, movements, put_stock, put_stock_at, request, stock, stock_at,
};

/// A reservation's allocations: SKU, location, quantity.
fn allocations(reservation: &Value) -> Vec<(&str, &str, u64)> {
    let parts = reservation["allocations"].as_array().expect("allocations").iter();
    parts
        .map(|part| {
            let text = |field: &str| part[field].as_str().expect("a text");
            (
                text("sku"),
                text("location"),
                part["quantity"].as_u64().expect("a number"),
            )
        })
        .collect()
}

#[tokio::test]
async fn stock_is_the_sum_of_its_locations() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 5).await;
        put_stock_at(&inventory, "mug", "berlin", 2).await;
        assert_eq!(stock(&inventory, "mug").await, [7, 0, 7]);
        let (_, mug) = inventory.get("/stock/mug").await;
        assert_eq!(
            mug["locations"],
            json!([
                { "location": "berlin", "on_hand": 2, "reserved": 0, "available": 2 },
                { "location": "main", "on_hand": 5, "reserved": 0, "available": 5 },
            ])
        );
        // Without a location, the main one is counted.
        put_stock(&inventory, "mug", 1).await;
        assert_eq!(stock_at(&inventory, "mug", "main").await, [1, 0, 1]);
        assert_eq!(stock_at(&inventory, "mug", "berlin").await, [2, 0, 2]);
        let (status, _) = inventory
            .put("/stock/mug?location=No%20Such", &json!({ "sku": "mug", "on_hand": 1 }))
            .await;
        assert_eq!(status, 400);
    }
}

#[tokio::test]
async fn one_location_that_has_all_units_serves_the_order() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 9).await;
        put_stock_at(&inventory, "mug", "berlin", 3).await;
        put_stock_at(&inventory, "bowl", "berlin", 3).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 3), ("bowl", 1)])).await;
        let (_, held) = inventory.get(&reservation).await;
        assert_eq!(allocations(&held), [("bowl", "berlin", 1), ("mug", "berlin", 3)]);
        assert_eq!(stock_at(&inventory, "mug", "berlin").await, [3, 3, 0]);

        // Units are shipped and released where they were held.
        let other = hold(&inventory, "other", &request(&[("bowl", 2)])).await;
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        assert_eq!(inventory.delete(&other).await.0, 200);
        assert_eq!(stock_at(&inventory, "mug", "berlin").await, [0, 0, 0]);
        assert_eq!(stock_at(&inventory, "mug", "main").await, [9, 0, 9]);
        assert_eq!(stock_at(&inventory, "bowl", "berlin").await, [2, 0, 2]);
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn several_locations_serve_an_order_that_none_has_alone() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 2).await;
        put_stock_at(&inventory, "mug", "berlin", 4).await;
        put_stock_at(&inventory, "mug", "paris", 1).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 6)])).await;
        let (_, held) = inventory.get(&reservation).await;
        assert_eq!(allocations(&held), [("mug", "berlin", 4), ("mug", "main", 2)]);
        assert_eq!(stock(&inventory, "mug").await, [7, 6, 1]);

        // All units or none, over all locations.
        let (status, problem) = inventory.post("/reservations", "more", &request(&[("mug", 2)])).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:out-of-stock"));
        assert_eq!(errors(&problem), [("#/lines/0/quantity", "Only 1 left.")]);
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        assert_eq!(stock(&inventory, "mug").await, [1, 0, 1]);
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn reservation_for_pickup_takes_units_from_that_location() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 9).await;
        put_stock_at(&inventory, "mug", "berlin", 2).await;
        let pickup = |quantity, location| {
            let mut body = request(&[("mug", quantity)]);
            body["location"] = json!(location);
            body
        };
        let reservation = hold(&inventory, "key", &pickup(1, "berlin")).await;
        let (_, held) = inventory.get(&reservation).await;
        assert_eq!(allocations(&held), [("mug", "berlin", 1)]);
        assert_eq!(held["location"], "berlin");
        for (key, location, detail) in [
            ("more", "berlin", "Only 1 left."),
            ("nowhere", "atlantis", "None left."),
        ] {
            let (status, problem) = inventory.post("/reservations", key, &pickup(2, location)).await;
            assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:out-of-stock"));
            assert_eq!(errors(&problem), [("#/lines/0/quantity", detail)]);
        }
        // A count is limited by the units reserved at that location only.
        put_stock(&inventory, "mug", 0).await;
        let count = json!({ "sku": "mug", "on_hand": 0 });
        let (status, problem) = inventory.put("/stock/mug?location=berlin", &count).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:reserved"));
        assert_eq!(stock(&inventory, "mug").await, [2, 1, 1]);
        assert_sound(&inventory).await;
    }
}

/// The location of the expired reservation is sold out. A reservation for pickup cannot move to another one.
#[tokio::test]
async fn late_commit_takes_units_from_another_location() {
    for inventory in inventories().await {
        put_stock_at(&inventory, "mug", "berlin", 1).await;
        let mut body = request(&[("mug", 1)]);
        body["expires_in_seconds"] = json!(60);
        let late = hold(&inventory, "late", &body).await;
        inventory.clock.advance(TimeDelta::seconds(60));
        body["location"] = json!("berlin");
        let pickup = hold(&inventory, "pickup", &body).await;
        inventory.clock.advance(TimeDelta::seconds(60));
        let sold = hold(&inventory, "sold", &request(&[("mug", 1)])).await;
        assert_eq!(commit(&inventory, &sold).await.0, 200);
        put_stock(&inventory, "mug", 1).await;

        assert_eq!(commit(&inventory, &pickup).await.0, 409);
        let (status, committed) = commit(&inventory, &late).await;
        assert_eq!(status, 200, "{committed}");
        assert_eq!(allocations(&committed), [("mug", "main", 1)]);
        assert_eq!(stock(&inventory, "mug").await, [0, 0, 0]);
        let last = movements(&inventory, "mug").await.pop().expect("a movement");
        assert_eq!(last, ("shipped".into(), "main".into(), -1, -1));
        assert_sound(&inventory).await;
    }
}
