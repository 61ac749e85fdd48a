//! The published events.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Running, check_file};
use uuid::Uuid;

use crate::{DECLINED, apps, authorise, capture, change, create_method, payment_request, refund};

/// Waits until there are this many events. They are published shortly after their cause.
async fn published(app: &Running, count: usize) -> Vec<Value> {
    for _ in 0..1000 {
        let (status, events) = app.get("/events").await;
        assert_eq!(status, 200, "{events}");
        let events = events.as_array().expect("a batch");
        if events.len() >= count {
            return events.clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("fewer than {count} events")
}

/// Replaces the values that differ each time.
fn normalised(mut event: Value) -> Value {
    event["id"] = json!("01890a5d-ac96-774b-bcce-b302099a8057");
    event["time"] = json!("2030-06-01T10:00:00Z");
    assert!(event["traceparent"].is_string(), "{event}");
    event["traceparent"] = json!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    event["subject"] = json!("payment/01890a5d-b4c1-7d2e-8f3a-6b9c0d1e2f3a");
    event["data"]["payment"] = json!("01890a5d-b4c1-7d2e-8f3a-6b9c0d1e2f3a");
    event["data"]["order"] = json!("01890a5d-ac96-774b-bcce-b302099a8057");
    event
}

#[tokio::test]
async fn every_change_of_a_payment_is_published_once() {
    for (app, _database) in apps().await {
        let payment = authorise(&app).await;
        for _ in 0..2 {
            assert_eq!(capture(&app, &payment, 4000).await.0, 200);
        }
        for key in ["first", "first", "second"] {
            assert_eq!(refund(&app, &payment, key, 1000).await.0, 201);
        }
        // A rejected request publishes no event.
        assert_eq!(refund(&app, &payment, "third", 4000).await.0, 422);
        let body = payment_request(Uuid::new_v4(), &create_method(&app, DECLINED).await);
        assert_eq!(app.post("/payments", "declined", &body).await.0, 402);
        assert_eq!(change(&app, &authorise(&app).await, "void").await.0, 200);
        let challenged = crate::challenge::challenged(&app).await.1;
        for _ in 0..2 {
            assert_eq!(change(&app, &challenged, "expire").await.1["status"], "expired");
        }

        let events = published(&app, 8).await;
        let kinds: Vec<&str> = events
            .iter()
            .map(|event| event["type"].as_str().expect("a type"))
            .collect();
        let expected = [
            "authorised",
            "captured",
            "refunded",
            "refunded",
            "declined",
            "authorised",
            "voided",
            "expired",
        ];
        assert_eq!(kinds, expected.map(|kind| format!("payments.payment-{kind}.v1")));
        for event in &events {
            let payment = event["data"]["payment"].as_str().expect("a payment");
            assert_eq!(event["subject"], format!("payment/{payment}"));
        }
        assert_eq!(events[3]["data"]["refunded"]["minor"], 2000);
        for index in [0, 1, 2, 4, 6, 7] {
            let name = kinds[index].trim_start_matches("payments.");
            let text = format!("{:#}\n", normalised(events[index].clone()));
            check_file(&format!("services/payments/events/{name}.json"), &text);
        }
    }
}
