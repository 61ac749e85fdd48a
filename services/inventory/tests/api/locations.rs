use serde_json::{Value, json};

use crate::{
    assert_sound, commit, errors, hold, inventories, kind, movements, put_stock, put_stock_at, request, stock, stock_at,
};

/// Where a reservation's units are: SKU, location, quantity.
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
        // A count without a location is one of the main one.
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
async fn one_location_that_has_all_of_it_serves_the_order() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 9).await;
        put_stock_at(&inventory, "mug", "berlin", 3).await;
        put_stock_at(&inventory, "bowl", "berlin", 3).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 3), ("bowl", 1)])).await;
        let (_, held) = inventory.get(&reservation).await;
        assert_eq!(allocations(&held), [("bowl", "berlin", 1), ("mug", "berlin", 3)]);
        assert_eq!(stock_at(&inventory, "mug", "berlin").await, [3, 3, 0]);

        // What leaves and what comes back does so where it was held.
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
async fn several_locations_serve_what_none_has_alone() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 2).await;
        put_stock_at(&inventory, "mug", "berlin", 4).await;
        put_stock_at(&inventory, "mug", "paris", 1).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 6)])).await;
        let (_, held) = inventory.get(&reservation).await;
        assert_eq!(allocations(&held), [("mug", "berlin", 4), ("mug", "main", 2)]);
        assert_eq!(stock(&inventory, "mug").await, [7, 6, 1]);

        // All of it or nothing, over all locations.
        let (status, problem) = inventory.post("/reservations", "more", &request(&[("mug", 2)])).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:out-of-stock"));
        assert_eq!(errors(&problem), [("#/lines/0/quantity", "Only 1 left.")]);
        assert_eq!(commit(&inventory, &reservation).await.0, 200);
        assert_eq!(stock(&inventory, "mug").await, [1, 0, 1]);
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn who_fetches_it_there_gets_it_from_there() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 9).await;
        put_stock_at(&inventory, "mug", "berlin", 2).await;
        let fetched = |quantity, location| {
            let mut wish = request(&[("mug", quantity)]);
            wish["location"] = json!(location);
            wish
        };
        let reservation = hold(&inventory, "key", &fetched(1, "berlin")).await;
        let (_, held) = inventory.get(&reservation).await;
        assert_eq!(allocations(&held), [("mug", "berlin", 1)]);
        assert_eq!(held["location"], "berlin");
        for (key, location, left) in [
            ("more", "berlin", "Only 1 left."),
            ("nowhere", "atlantis", "None left."),
        ] {
            let (status, problem) = inventory.post("/reservations", key, &fetched(2, location)).await;
            assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:out-of-stock"));
            assert_eq!(errors(&problem), [("#/lines/0/quantity", left)]);
        }
        // The count of one location is bound by what is held there, and by nothing else.
        put_stock(&inventory, "mug", 0).await;
        let count = json!({ "sku": "mug", "on_hand": 0 });
        let (status, problem) = inventory.put("/stock/mug?location=berlin", &count).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:reserved"));
        assert_eq!(stock(&inventory, "mug").await, [2, 1, 1]);
        assert_sound(&inventory).await;
    }
}

/// Late, and where it was held there is nothing left: elsewhere there is, unless it is to be fetched.
#[tokio::test]
async fn who_is_late_has_it_from_elsewhere() {
    for inventory in inventories().await {
        put_stock_at(&inventory, "mug", "berlin", 1).await;
        let mut wish = request(&[("mug", 1)]);
        wish["expires_in_seconds"] = json!(60);
        let late = hold(&inventory, "late", &wish).await;
        inventory.clock.advance(60);
        wish["location"] = json!("berlin");
        let fetched = hold(&inventory, "fetched", &wish).await;
        inventory.clock.advance(60);
        let sold = hold(&inventory, "sold", &request(&[("mug", 1)])).await;
        assert_eq!(commit(&inventory, &sold).await.0, 200);
        put_stock(&inventory, "mug", 1).await;

        assert_eq!(commit(&inventory, &fetched).await.0, 409);
        let (status, committed) = commit(&inventory, &late).await;
        assert_eq!(status, 200, "{committed}");
        assert_eq!(allocations(&committed), [("mug", "main", 1)]);
        assert_eq!(stock(&inventory, "mug").await, [0, 0, 0]);
        let last = movements(&inventory, "mug").await.pop().expect("a movement");
        assert_eq!(last, ("shipped".into(), "main".into(), -1, -1));
        assert_sound(&inventory).await;
    }
}
