//! Authentication, versions, and paths.

use reqwest::Method;
use serde_json::json;

use crate::{Double, KEY, error};

#[tokio::test]
async fn api_key_is_required() {
    let double = Double::start().await;
    for key in ["", "sk_test_other"] {
        let request = double.request(Method::GET, "/v1/refunds").bearer_auth(key);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
    let response = double.request(Method::GET, "/v1/refunds").send().await.unwrap();
    assert_eq!(response.status(), 401);
}

#[tokio::test]
async fn other_api_versions_are_rejected() {
    let double = Double::start().await;
    for (version, status) in [("2026-10-28.endive", 200), ("2024-06-20", 400), ("x", 400)] {
        let request = double.request(Method::GET, "/v1/refunds").bearer_auth(KEY);
        let response = request.header("stripe-version", version).send().await.unwrap();
        assert_eq!(response.status(), status, "{version}");
        assert_eq!(response.headers()["stripe-version"], "2026-10-28.endive");
        assert!(response.headers()["request-id"].to_str().unwrap().starts_with("req_"));
    }
}

#[tokio::test]
async fn json_body_is_rejected() {
    let double = Double::start().await;
    let request = double.request(Method::POST, "/v1/refunds").bearer_auth(KEY);
    let response = request.json(&json!({ "payment_intent": "pi_1" })).send().await.unwrap();
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn unknown_paths_and_objects_are_not_found() {
    let double = Double::start().await;
    for (method, path) in [
        (Method::GET, "/v1/nothing"),
        (Method::GET, "/v1/checkout/sessions"),
        (Method::POST, "/v1/payment_intents"),
        (Method::DELETE, "/v1/refunds"),
        (Method::GET, "/nothing"),
    ] {
        let (status, body) = double.call(method, path, "").await;
        assert_eq!(status, 404, "{path}");
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("Unrecognized request URL"), "{message}");
    }
    for path in [
        "/v1/checkout/sessions/cs_test_x",
        "/v1/payment_intents/pi_x",
        "/v1/refunds/re_x",
        "/v1/events/evt_x",
    ] {
        let (status, body) = double.call(Method::GET, path, "").await;
        assert_eq!((status, &body["error"]["code"]), (404, &json!("resource_missing")));
    }
}

#[tokio::test]
async fn raw_card_numbers_are_rejected_and_not_recorded() {
    let double = Double::start().await;
    for (path, form) in [
        ("/v1/payment_methods", "type=card&card[number]=4242424242424242"),
        (
            "/v1/payment_intents",
            "amount=100&currency=eur&payment_method_data[card][number]=4242424242424242",
        ),
        ("/v1/tokens", "card[number]=4242424242424242"),
    ] {
        assert_eq!(double.refused(path, form).await, error(402, "", ""), "{path}");
    }
    let (_, requests) = double.get("/double/requests").await;
    assert!(!requests.to_string().contains("4242"), "{requests}");
}

#[test]
fn debug_of_the_settings_shows_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let shown = format!("{:?}", crate::config(&folder, "http://127.0.0.1:1"));
    assert!(
        shown.contains("127.0.0.1:1") && !shown.contains(crate::KEY) && !shown.contains(crate::SECRET),
        "{shown}"
    );
}
