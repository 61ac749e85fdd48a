//! What tests want of the double.

use futures_util::FutureExt;
use reqwest::Method;
use serde_json::json;

use crate::{Double, WISH};

const SESSIONS: &str = "/v1/checkout/sessions";

#[tokio::test]
async fn a_behaviour_is_said_whole() {
    let double = Double::start().await;
    let normal = json!({ "answers": "normal", "webhooks": "normal", "refunds": "succeeded", "dies": "never" });
    assert_eq!(double.get("/double/behaviour").await.1, normal);
    double.behave(json!({ "webhooks": "twice" })).await;
    double.behave(json!({ "refunds": "pending" })).await;
    let (_, now) = double.get("/double/behaviour").await;
    assert_eq!(
        (&now["webhooks"], &now["refunds"]),
        (&json!("normal"), &json!("pending"))
    );
    for wrong in [json!({ "answers": "sometimes" }), json!({ "moon": "full" })] {
        assert!(double.put("/double/behaviour", &wrong).await.0.is_client_error());
    }
}

#[tokio::test]
async fn answers_may_be_lost() {
    let double = Double::start().await;
    double.behave(json!({ "answers": "lost" })).await;
    for _ in 0..2 {
        let lost = double.ask(Method::POST, SESSIONS, WISH, Some("one")).await;
        assert!(lost.is_err(), "{lost:?}");
    }
    double.behave(json!({})).await;
    let again = double.asked(Method::POST, SESSIONS, WISH, Some("one")).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
}

#[tokio::test]
async fn answers_may_hang() {
    let double = Double::start().await;
    double.behave(json!({ "answers": "hang" })).await;
    let call = double.call(Method::POST, SESSIONS, WISH);
    tokio::pin!(call);
    // The pages answer meanwhile, and nothing has been done.
    for _ in 0..10 {
        assert!(call.as_mut().now_or_never().is_none());
        assert_eq!(double.page("/c/pay/cs_test_x").await.0, 404);
        assert_eq!(double.get("/double/requests").await.1, json!([]));
    }
    double.behave(json!({})).await;
    assert_eq!(call.await.0, 200);
}
