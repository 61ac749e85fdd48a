//! The events that orders publishes.

use serde_json::{Value, json};
use testkit::{Running, check_file};

use crate::neighbours::Fault::{Rejects, ServerError};
use crate::{post, request, worlds};

/// Reads this many events. On PostgreSQL they are numbered, and so readable, a moment after their transaction.
async fn read_events(orders: &Running, many: usize) -> Vec<Value> {
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

/// The types without prefix and version: `placed`.
fn short_types(events: &[Value]) -> Vec<&str> {
    let kinds = events.iter().map(|event| event["type"].as_str().expect("a type"));
    kinds
        .map(|kind| kind.trim_start_matches("orders.order-").trim_end_matches(".v1"))
        .collect()
}

/// The event with fixed values for the fields that differ each time.
fn with_fixed_fields(mut event: Value) -> Value {
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
async fn each_order_publishes_its_events_once() {
    for (orders, neighbours, _database) in worlds().await {
        assert_eq!(post(&orders, "completed", &request()).await.0, 201);
        assert_eq!(post(&orders, "completed", &request()).await.0, 201);
        neighbours.set_faults("reserve", &[Rejects("out-of-stock")]);
        assert_eq!(post(&orders, "rejected", &request()).await.0, 409);
        neighbours.set_faults("authorise", &[ServerError, ServerError, ServerError, ServerError]);
        assert_eq!(post(&orders, "failed", &request()).await.0, 503);
        neighbours.set_faults("commit", &[Rejects("expired")]);
        assert_eq!(post(&orders, "cancelled", &request()).await.0, 409);

        let events = read_events(&orders, 10).await;
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
        assert_eq!(short_types(&events), expected);
        for event in &events {
            let order = event["data"]["order"].as_str().expect("an order");
            assert_eq!(event["subject"], format!("order/{order}"));
        }
        for index in [0, 1, 2, 4, 6, 9] {
            let kind = events[index]["type"].as_str().expect("a type");
            let name = kind.trim_start_matches("orders.");
            let text = format!("{:#}\n", with_fixed_fields(events[index].clone()));
            check_file(&format!("services/orders/events/{name}.json"), &text);
        }
    }
}

#[tokio::test]
async fn refused_request_publishes_no_event() {
    for (orders, _neighbours, _database) in worlds().await {
        let mut forged = request();
        forged["quote"] = json!("a.b.c");
        assert_eq!(post(&orders, "key", &forged).await.0, 422);
        let (status, events) = orders.get("/events").await;
        assert_eq!((status.as_u16(), events), (200, json!([])));
    }
}
