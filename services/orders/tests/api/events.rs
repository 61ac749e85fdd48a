//! What the world is told of an order.

use serde_json::{Value, json};
use testkit::{Running, check_file};

use crate::neighbours::Mood::{Broken, Refuses};
use crate::{post, request, worlds};

/// So many events; on PostgreSQL they are numbered a moment after they have happened.
async fn told(orders: &Running, many: usize) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    while all.len() < many {
        let last = all.last().map_or(String::new(), |event| {
            format!("&lastEventId={}", event["id"].as_str().unwrap())
        });
        let (status, events) = orders.get(&format!("/events?timeout=20000{last}")).await;
        assert_eq!(status, 200, "{events}");
        let events = events.as_array().expect("a batch");
        assert!(!events.is_empty(), "only {} events", all.len());
        all.extend(events.iter().cloned());
    }
    all
}

/// What happened, in a word each.
fn kinds(events: &[Value]) -> Vec<&str> {
    let kinds = events.iter().map(|event| event["type"].as_str().expect("a type"));
    kinds
        .map(|kind| kind.trim_start_matches("orders.order-").trim_end_matches(".v1"))
        .collect()
}

/// The event without what differs each time.
fn lasting(mut event: Value) -> Value {
    event["id"] = json!("01890a5d-ac96-774b-bcce-b302099a8057");
    event["time"] = json!("2030-06-01T10:00:00Z");
    assert!(event["traceparent"].is_string(), "{event}");
    event["traceparent"] = json!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    event["subject"] = json!("order/01890a5d-ac96-774b-bcce-b302099a8057");
    event["data"]["order"] = json!("01890a5d-ac96-774b-bcce-b302099a8057");
    event["data"]["number"] = json!("S-7K3M9QXD");
    event
}

#[tokio::test]
async fn every_end_of_an_order_is_told_once() {
    for (orders, neighbours, _database) in worlds().await {
        assert_eq!(post(&orders, "completed", &request()).await.0, 201);
        assert_eq!(post(&orders, "completed", &request()).await.0, 201);
        neighbours.moods("reserve", &[Refuses("out-of-stock")]);
        assert_eq!(post(&orders, "rejected", &request()).await.0, 409);
        neighbours.moods("authorise", &[Broken, Broken, Broken, Broken]);
        assert_eq!(post(&orders, "failed", &request()).await.0, 503);
        neighbours.moods("commit", &[Refuses("expired")]);
        assert_eq!(post(&orders, "cancelled", &request()).await.0, 409);

        let events = told(&orders, 10).await;
        let expected = [
            "placed",
            "confirmed",
            "completed",
            "placed",
            "rejected",
            "placed",
            "failed",
            "placed",
            "confirmed",
            "cancelled",
        ];
        assert_eq!(kinds(&events), expected);
        for event in &events {
            let order = event["data"]["order"].as_str().expect("an order");
            assert_eq!(event["subject"], format!("order/{order}"));
        }
        for index in [0, 1, 2, 4, 6, 9] {
            let kind = events[index]["type"].as_str().expect("a type");
            let name = kind.trim_start_matches("orders.");
            let text = format!("{:#}\n", lasting(events[index].clone()));
            check_file(&format!("services/orders/events/{name}.json"), &text);
        }
    }
}

/// What the neighbours kept from happening is not told either.
#[tokio::test]
async fn what_has_not_happened_is_not_told() {
    for (orders, _neighbours, _database) in worlds().await {
        let mut forged = request();
        forged["quote"] = json!("a.b.c");
        assert_eq!(post(&orders, "key", &forged).await.0, 422);
        let (status, events) = orders.get("/events").await;
        assert_eq!((status.as_u16(), events), (200, json!([])));
    }
}
