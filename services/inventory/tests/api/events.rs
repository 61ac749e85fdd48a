//! The events that inventory publishes.

use chrono::TimeDelta;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{Running, check_file};

use crate::{assert_sound, commit, hold, inventories, put_stock, put_stock_at, request, restock, start, stock};

/// Waits for `count` events of a SKU and returns all of them.
async fn events_of(inventory: &Running, sku: &str, count: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let (status, events) = inventory.get("/events?limit=1000").await;
        assert_eq!(status, 200, "{events}");
        let mut events = events.as_array().expect("a batch").clone();
        events.retain(|event| event["subject"] == format!("sku/{sku}"));
        // PostgreSQL numbers events after their commit.
        if events.len() >= count {
            return events;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{events:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn available(events: &[Value]) -> Vec<u64> {
    let available = events.iter().map(|event| event["data"]["available"].as_u64());
    available.map(|available| available.expect("a number")).collect()
}

#[tokio::test]
async fn every_change_of_availability_is_published() {
    for inventory in inventories().await {
        put_stock(&inventory, "mug", 12).await;
        put_stock(&inventory, "mug", 12).await;
        put_stock_at(&inventory, "mug", "berlin", 3).await;
        let taken = hold(&inventory, "taken", &request(&[("mug", 2)])).await;
        // Availability does not change.
        commit(&inventory, &taken).await;
        let released = hold(&inventory, "released", &request(&[("mug", 13)])).await;
        inventory.delete(&released).await;
        inventory
            .post("/reservations", "refused", &request(&[("mug", 14)]))
            .await;
        restock(&inventory, "back", &[("mug", 1)]).await;
        let mut body = request(&[("mug", 4)]);
        body["expires_in_seconds"] = json!(60);
        hold(&inventory, "overdue", &body).await;
        inventory.clock.advance(TimeDelta::seconds(60));
        // In one step four units are freed and five are held.
        hold(&inventory, "next", &request(&[("mug", 5)])).await;

        let events = events_of(&inventory, "mug", 8).await;
        assert_eq!(available(&events), [12, 15, 13, 0, 13, 14, 10, 9]);
        let mut event = events[0].clone();
        event["id"] = json!("01890a5d-ac96-774b-bcce-b302099a8057");
        event["time"] = json!("2030-06-01T10:00:00Z");
        assert!(event["traceparent"].is_string(), "{event}");
        event["traceparent"] = json!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let text = format!("{event:#}\n");
        check_file("services/inventory/events/stock-changed.v1.json", &text);
    }
}

/// Two replicas change stock at three locations.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn last_event_has_the_final_availability() {
    for inventory in inventories().await {
        let (other, _clock) = start(&inventory.database.url, 3_600_000).await;
        for location in ["main", "berlin", "paris"] {
            put_stock_at(&inventory, "mug", location, 20).await;
        }
        let buyers = (0..24).map(async |number| {
            let replica = if number % 2 == 0 { &*inventory } else { &other };
            let mut body = request(&[("mug", 2)]);
            body["location"] = json!(["main", "berlin", "paris"][number % 3]);
            let reservation = hold(replica, &format!("{number}"), &body).await;
            if number % 4 == 0 {
                assert_eq!(replica.delete(&reservation).await.0, 200);
            }
        });
        join_all(buyers).await;
        let events = events_of(&inventory, "mug", 3 + 24 + 6).await;
        assert_eq!(events.len(), 3 + 24 + 6);
        assert_eq!(stock(&inventory, "mug").await, [60, 36, 24]);
        assert_eq!(available(&events).last(), Some(&24));
        assert_sound(&inventory).await;
    }
}
