//! Webhooks.

use reqwest::Method;
use serde_json::json;

use crate::{Double, GOOD};

#[tokio::test]
async fn every_event_is_sent() {
    let double = Double::start().await;
    let intent = double.paid().await;
    let mut types = double.listener.types(3).await;
    types.sort_unstable();
    let expected = [
        "checkout.session.completed",
        "payment_intent.amount_capturable_updated",
        "payment_intent.created",
    ];
    assert_eq!(types, expected);
    let path = format!("/v1/payment_intents/{intent}/capture");
    let response = double.asked(Method::POST, &path, "", Some("capture-1")).await;
    let event = double.listener.next().await;
    assert_eq!(
        (&event["object"], &event["type"]),
        (&json!("event"), &json!("payment_intent.succeeded"))
    );
    assert_eq!(
        (&event["livemode"], &event["api_version"]),
        (&json!(false), &json!("2026-10-28.endive"))
    );
    assert_eq!(event["request"]["idempotency_key"], "capture-1");
    assert_eq!(
        event["request"]["id"],
        response.headers()["request-id"].to_str().unwrap()
    );
    assert_eq!(
        event["data"]["object"],
        double.find(&format!("/v1/payment_intents/{intent}")).await
    );
    let path = format!("/v1/events/{}", event["id"].as_str().unwrap());
    double.until(&path, |event| event["pending_webhooks"] == 0).await;
}

#[tokio::test]
async fn refused_webhook_is_sent_again() {
    let double = Double::start().await;
    double.listener.refuse(5);
    let session = double.session().await;
    double
        .create(&format!("/v1/checkout/sessions/{session}/expire"), "")
        .await;
    assert_eq!(double.listener.next().await["type"], "checkout.session.expired");
}

#[tokio::test]
async fn webhooks_can_be_sent_twice() {
    let double = Double::start().await;
    double.set_behaviour(json!({ "webhooks": "twice" })).await;
    double.paid().await;
    let mut types = double.listener.types(6).await;
    types.sort_unstable();
    types.dedup();
    assert_eq!(types.len(), 3);
}

#[tokio::test]
async fn webhooks_can_be_sent_in_reverse_order() {
    let double = Double::start().await;
    double.set_behaviour(json!({ "webhooks": "never" })).await;
    double.paid().await;
    double.set_behaviour(json!({ "webhooks": "shuffled" })).await;
    let mut expected = double.events().await;
    expected.reverse();
    assert_eq!(double.listener.types(3).await, expected);
}

#[tokio::test]
async fn webhooks_can_be_delayed() {
    let double = Double::start().await;
    for behaviour in ["never", "late"] {
        double.set_behaviour(json!({ "webhooks": behaviour })).await;
        double.paid().await;
        assert_eq!(double.listener.try_next().await, None);
        double.set_behaviour(json!({})).await;
        assert_eq!(double.listener.types(3).await.len(), 3);
    }
    // The delay is five seconds.
    double.set_behaviour(json!({ "webhooks": "late" })).await;
    let begun = std::time::Instant::now();
    double.paid().await;
    double.listener.next().await;
    assert!(begun.elapsed().as_secs() >= 4, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn webhooks_can_arrive_before_the_shopper_returns() {
    let double = Double::start().await;
    double.set_behaviour(json!({ "webhooks": "early" })).await;
    for _ in 0..5 {
        let session = double.session().await;
        double.fill_in(&session, GOOD).await;
        for _ in 0..3 {
            assert!(double.listener.try_next().await.is_some());
        }
        assert_eq!(double.listener.try_next().await, None);
    }
}
