use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{assert_sound, commit, errors, hold, inventories, kind, kinds, put_stock, request, stock};

#[tokio::test]
async fn held_units_are_not_available() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 5).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 2)])).await;
        assert_eq!(stock(&inventory, "mug").await, [5, 2, 3]);

        let (status, committed) = commit(&inventory, &reservation).await;
        assert_eq!((status, &committed["status"]), (200, &json!("committed")));
        assert_eq!(stock(&inventory, "mug").await, [3, 0, 3]);
        // Committing again changes nothing.
        assert_eq!(commit(&inventory, &reservation).await, (200, committed));
        assert_eq!(stock(&inventory, "mug").await, [3, 0, 3]);

        let (status, problem) = inventory.delete(&reservation).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:committed"));
        assert_eq!(stock(&inventory, "mug").await, [3, 0, 3]);
    }
}

#[tokio::test]
async fn released_units_are_available_again() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 5).await;
        let reservation = hold(&inventory, "key", &request(&[("mug", 2)])).await;
        for _ in 0..2 {
            let (status, released) = inventory.delete(&reservation).await;
            assert_eq!((status.as_u16(), &released["status"]), (200, &json!("released")));
            assert_eq!(stock(&inventory, "mug").await, [5, 0, 5]);
        }
        let (status, problem) = commit(&inventory, &reservation).await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:expired"));
        assert_eq!(stock(&inventory, "mug").await, [5, 0, 5]);
    }
}

#[tokio::test]
async fn all_lines_are_held_or_none() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 5).await;
        put_stock(&inventory, "bowl", 2).await;
        let body = request(&[("mug", 1), ("bowl", 3), ("never-seen", 1)]);
        let (status, problem) = inventory.post("/reservations", "key", &body).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:out-of-stock"));
        assert_eq!(
            errors(&problem),
            [
                ("#/lines/1/quantity", "Only 2 left."),
                ("#/lines/2/quantity", "None left.")
            ]
        );
        assert_eq!(stock(&inventory, "mug").await, [5, 0, 5]);
        assert_eq!(stock(&inventory, "bowl").await, [2, 0, 2]);
    }
}

#[tokio::test]
async fn repeated_request_has_the_same_answer() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 1).await;
        let body = request(&[("mug", 1)]);
        let first = inventory.post("/reservations", "won", &body).await;
        let lost = inventory.post("/reservations", "lost", &body).await;
        assert_eq!((first.0.as_u16(), lost.0.as_u16()), (201, 409));
        put_stock(&inventory, "mug", 9).await;
        assert_eq!(inventory.post("/reservations", "won", &body).await, first);
        assert_eq!(inventory.post("/reservations", "lost", &body).await, lost);
        assert_eq!(stock(&inventory, "mug").await, [9, 1, 8]);

        let other = inventory.post("/reservations", "won", &request(&[("mug", 2)])).await;
        assert_eq!(
            (other.0.as_u16(), kind(&other.1)),
            (422, "urn:problem:idempotency-key-reused")
        );
    }
}

/// A request for a mug and a bowl that expires after a minute.
fn for_a_minute() -> Value {
    let mut body = request(&[("mug", 1), ("bowl", 1)]);
    body["expires_in_seconds"] = json!(60);
    body
}

#[tokio::test]
async fn units_of_an_expired_reservation_are_available_again() {
    for inventory in inventories().await {
        put_stock(&inventory, "bowl", 1).await;
        put_stock(&inventory, "mug", 1).await;
        let late = hold(&inventory, "late", &for_a_minute()).await;
        inventory.clock.advance(TimeDelta::seconds(59));
        assert_eq!(stock(&inventory, "mug").await, [1, 1, 0]);
        inventory.clock.advance(TimeDelta::seconds(1));

        // Readers see it at once …
        assert_eq!(stock(&inventory, "mug").await, [1, 0, 1]);
        assert_eq!(inventory.get(&late).await.1["status"], "expired");
        // … so does a late release …
        assert_eq!(inventory.delete(&late).await.1["status"], "expired");
        // … and the next reservation.
        let next = hold(&inventory, "next", &request(&[("mug", 1)])).await;
        assert_eq!(stock(&inventory, "mug").await, [1, 1, 0]);
        assert_eq!(stock(&inventory, "bowl").await, [1, 0, 1]);
        assert_eq!(inventory.get(&late).await.1["status"], "expired");
        assert_eq!(commit(&inventory, &next).await.0, 200);
        // A count frees expired units, too.
        put_stock(&inventory, "bowl", 0).await;
        assert_eq!(stock(&inventory, "bowl").await, [0, 0, 0]);
        assert_sound(&inventory).await;
    }
}

/// The reservation has expired, and no other order has taken its units.
#[tokio::test]
async fn late_commit_succeeds_if_units_are_available() {
    for inventory in inventories().await {
        put_stock(&inventory, "bowl", 1).await;
        put_stock(&inventory, "mug", 2).await;
        let late = hold(&inventory, "late", &for_a_minute()).await;
        inventory.clock.advance(TimeDelta::seconds(60));
        let (status, committed) = commit(&inventory, &late).await;
        assert_eq!((status, &committed["status"]), (200, &json!("committed")));
        assert_eq!(stock(&inventory, "mug").await, [1, 0, 1]);
        assert_eq!(kinds(&inventory, "mug").await, ["counted", "reserved", "shipped"]);
        assert_sound(&inventory).await;
    }
}

/// The reservation has expired, and another order has reserved one of the two units.
#[tokio::test]
async fn late_commit_takes_all_units_or_none() {
    for inventory in inventories().await {
        put_stock(&inventory, "bowl", 1).await;
        put_stock(&inventory, "mug", 1).await;
        let late = hold(&inventory, "late", &for_a_minute()).await;
        inventory.clock.advance(TimeDelta::seconds(60));
        let next = hold(&inventory, "next", &request(&[("mug", 1)])).await;
        for _ in 0..2 {
            let (status, problem) = commit(&inventory, &late).await;
            assert_eq!((status, kind(&problem)), (409, "urn:problem:expired"));
            assert_eq!(stock(&inventory, "mug").await, [1, 1, 0]);
            assert_eq!(stock(&inventory, "bowl").await, [1, 0, 1]);
        }
        assert_eq!(inventory.delete(&next).await.0, 200);
        for _ in 0..2 {
            let (status, committed) = commit(&inventory, &late).await;
            assert_eq!((status, &committed["status"]), (200, &json!("committed")));
            assert_eq!(stock(&inventory, "mug").await, [0, 0, 0]);
            assert_eq!(stock(&inventory, "bowl").await, [0, 0, 0]);
        }
        let all = ["counted", "reserved", "expired", "reserved", "shipped"];
        assert_eq!(kinds(&inventory, "bowl").await, all);
        assert_sound(&inventory).await;
    }
}

#[tokio::test]
async fn invalid_reservation_fields_are_named() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 5).await;
        let broken = [
            ("/order", json!("1"), "#/order"),
            ("/lines", json!([]), "#/lines"),
            (
                "/lines",
                json!(vec![json!({ "sku": "mug", "quantity": 1 }); 51]),
                "#/lines",
            ),
            ("/lines/1", json!({ "sku": "mug", "quantity": 1 }), "#/lines/1/sku"),
            ("/lines/0/sku", json!("m\u{0}g"), "#/lines/0/sku"),
            ("/lines/0/quantity", json!(0), "#/lines/0/quantity"),
            ("/lines/0/quantity", json!(-1), "#/lines/0/quantity"),
            ("/lines/1/quantity", json!(1_000_000_000), "#/lines/1/quantity"),
            ("/lines/1/quantity", json!(1e30), "#/lines/1/quantity"),
            ("/lines/1/quantity", Value::Null, "#/lines/1/quantity"),
            ("/location", json!("Rue de la Paix"), "#/location"),
            ("/location", json!(7), "#/location"),
            ("/expires_in_seconds", json!(0), "#/expires_in_seconds"),
            ("/expires_in_seconds", json!(i64::MAX), "#/expires_in_seconds"),
        ];
        for (pointer, value, wrong) in broken {
            let mut body = request(&[("mug", 1), ("bowl", 1)]);
            body["expires_in_seconds"] = json!(900);
            body["location"] = json!("main");
            *body.pointer_mut(pointer).unwrap() = value;
            let (status, problem) = inventory.post("/reservations", "key", &body).await;
            assert_eq!(status, 422, "{body}");
            assert_eq!(errors(&problem)[0].0, wrong, "{body}");
        }
        assert_eq!(stock(&inventory, "mug").await, [5, 0, 5]);
    }
}

#[tokio::test]
async fn reservation_requests_without_key_or_reservation_are_rejected() {
    for inventory in inventories().await {
        let body = request(&[("mug", 1)]);
        let without_key = inventory.request(Method::POST, "/reservations").json(&body);
        assert_eq!(without_key.send().await.unwrap().status(), 400);
        for nothing in ["/reservations/1", "/reservations/01890a5d-ac96-774b-bcce-b302099a8057"] {
            assert_eq!(inventory.get(nothing).await.0, 404);
            assert_eq!(inventory.delete(nothing).await.0, 404);
            assert_eq!(commit(&inventory, nothing).await.0, 404);
        }
    }
}
