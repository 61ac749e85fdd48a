//! The behaviour that tests set.

use futures_util::FutureExt;
use reqwest::Method;
use serde_json::json;

use crate::{Double, SESSION_FORM};

const SESSIONS: &str = "/v1/checkout/sessions";

#[tokio::test]
async fn behaviour_is_replaced_as_a_whole() {
    let double = Double::start().await;
    let normal = json!({ "answers": "normal", "webhooks": "normal", "refunds": "succeeded", "dies": "never" });
    assert_eq!(double.get("/double/behaviour").await.1, normal);
    double.set_behaviour(json!({ "webhooks": "twice" })).await;
    double.set_behaviour(json!({ "refunds": "pending" })).await;
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
async fn lost_answer_is_replayed_for_its_key() {
    let double = Double::start().await;
    double.set_behaviour(json!({ "answers": "lost" })).await;
    for _ in 0..2 {
        let lost = double.ask(Method::POST, SESSIONS, SESSION_FORM, Some("one")).await;
        assert!(lost.is_err(), "{lost:?}");
    }
    double.set_behaviour(json!({})).await;
    let again = double.asked(Method::POST, SESSIONS, SESSION_FORM, Some("one")).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
}

#[tokio::test]
async fn hanging_request_continues_when_the_behaviour_changes() {
    let double = Double::start().await;
    double.set_behaviour(json!({ "answers": "hang" })).await;
    let call = double.call(Method::POST, SESSIONS, SESSION_FORM);
    tokio::pin!(call);
    // The pages answer, and the request has not been carried out.
    for _ in 0..10 {
        assert!(call.as_mut().now_or_never().is_none());
        assert_eq!(double.page("/c/pay/cs_test_x").await.0, 404);
        assert_eq!(double.get("/double/requests").await.1, json!([]));
    }
    double.set_behaviour(json!({})).await;
    assert_eq!(call.await.0, 200);
}
