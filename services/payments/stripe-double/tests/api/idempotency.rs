//! Idempotency keys.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{Double, SESSION_FORM, id};

const SESSIONS: &str = "/v1/checkout/sessions";

async fn body(response: Response) -> Value {
    response.json().await.unwrap()
}

#[tokio::test]
async fn same_key_returns_the_same_response() {
    let double = Double::start().await;
    let first = double.asked(Method::POST, SESSIONS, SESSION_FORM, Some("one")).await;
    assert!(!first.headers().contains_key("idempotent-replayed"));
    let name = first.headers()["request-id"].clone();
    let first = body(first).await;
    let again = double.asked(Method::POST, SESSIONS, SESSION_FORM, Some("one")).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.headers()["original-request"], name);
    assert_eq!(body(again).await, first);
    let other = double.asked(Method::POST, SESSIONS, SESSION_FORM, Some("two")).await;
    assert_ne!(id(&body(other).await), id(&first));
}

#[tokio::test]
async fn key_cannot_be_reused_for_another_request() {
    let double = Double::start().await;
    double.asked(Method::POST, SESSIONS, SESSION_FORM, Some("one")).await;
    let more = format!("{SESSION_FORM}&locale=de");
    for (path, form) in [(SESSIONS, more.as_str()), ("/v1/refunds", "payment_intent=pi_x")] {
        let refused = double.asked(Method::POST, path, form, Some("one")).await;
        assert_eq!(refused.status(), 400);
        assert_eq!(body(refused).await["error"]["type"], "idempotency_error");
    }
    let long = "k".repeat(256);
    assert_eq!(
        double
            .asked(Method::POST, SESSIONS, SESSION_FORM, Some(&long))
            .await
            .status(),
        400
    );
}

/// Errors of the parameters are not stored: the key can be used again.
#[tokio::test]
async fn errors_after_valid_parameters_are_stored_for_the_key() {
    let double = Double::start().await;
    let intent = double.paid().await;
    let path = format!("/v1/payment_intents/{intent}/capture");
    let wrong = double
        .asked(Method::POST, &path, "amount_to_capture=x", Some("a"))
        .await;
    assert_eq!(wrong.status(), 400);
    let large = double
        .asked(Method::POST, &path, "amount_to_capture=9999", Some("a"))
        .await;
    assert_eq!(large.status(), 400);
    let large = double
        .asked(Method::POST, &path, "amount_to_capture=9999", Some("a"))
        .await;
    assert_eq!(large.headers()["idempotent-replayed"], "true");
}

#[tokio::test]
async fn concurrent_requests_with_one_key_create_one_session() {
    let double = Double::start().await;
    let calls = [(); 8].map(|()| double.asked(Method::POST, SESSIONS, SESSION_FORM, Some("one")));
    let mut names = std::collections::BTreeSet::new();
    for response in futures_util::future::join_all(calls).await {
        match response.status().as_u16() {
            200 => drop(names.insert(id(&body(response).await))),
            409 => assert_eq!(body(response).await["error"]["code"], "idempotency_key_in_use"),
            other => panic!("{other}"),
        }
    }
    assert_eq!(names.len(), 1);
}

#[tokio::test]
async fn every_request_is_recorded() {
    let double = Double::start().await;
    double.asked(Method::POST, SESSIONS, SESSION_FORM, Some("one")).await;
    double.asked(Method::POST, SESSIONS, SESSION_FORM, Some("one")).await;
    double.call(Method::POST, SESSIONS, "mode=payment&colour=red").await;
    let (_, requests) = double.get("/double/requests").await;
    let statuses: Vec<_> = requests
        .as_array()
        .unwrap()
        .iter()
        .map(|request| &request["status"])
        .collect();
    assert_eq!(statuses, [200, 200, 400]);
    let first = &requests[0];
    assert_eq!((&first["method"], &first["path"]), (&json!("POST"), &json!(SESSIONS)));
    let item = json!({ "price_data": { "currency": "eur", "unit_amount": 5290, "product_data": { "name": "Onda vase" } },
        "quantity": 1 });
    assert_eq!(first["params"]["line_items"], json!([item]));
    assert_eq!(first["answer"]["object"], "checkout.session");
    assert_eq!(requests[2]["params"], json!({ "mode": "payment", "colour": "red" }));
}
