//! Payment intents.

use serde_json::json;

use crate::{CHALLENGED, Double, error};

const UNEXPECTED: &str = "payment_intent_unexpected_state";

#[tokio::test]
async fn intent_is_captured_once() {
    let double = Double::start().await;
    let intent = double.paid().await;
    let path = format!("/v1/payment_intents/{intent}");
    let held = double.find(&path).await;
    assert_eq!(
        (&held["amount_capturable"], &held["amount_received"]),
        (&json!(5290), &json!(0))
    );
    let capture = format!("{path}/capture");
    for (form, code, param) in [
        ("amount_to_capture=5291", "amount_too_large", "amount_to_capture"),
        ("amount_to_capture=0", "parameter_invalid_integer", "amount_to_capture"),
        ("amount=1", "parameter_unknown", "amount"),
    ] {
        assert_eq!(double.refused(&capture, form).await, error(400, code, param));
    }
    let taken = double.create(&capture, "amount_to_capture=4000").await;
    assert_eq!(
        (&taken["status"], &taken["amount_received"]),
        (&json!("succeeded"), &json!(4000))
    );
    assert_eq!(taken["amount_capturable"], 0);
    for again in ["capture", "cancel"] {
        let refused = double.refused(&format!("{path}/{again}"), "").await;
        assert_eq!(refused, error(400, UNEXPECTED, ""));
    }
    assert_eq!(double.events().await.last().unwrap(), "payment_intent.succeeded");
    let charge = double.find(&format!("{path}?expand[]=latest_charge")).await["latest_charge"].clone();
    assert_eq!(
        (&charge["object"], &charge["amount_captured"]),
        (&json!("charge"), &json!(4000))
    );
}

#[tokio::test]
async fn authorised_intent_can_be_cancelled() {
    let double = Double::start().await;
    let intent = double.paid().await;
    let path = format!("/v1/payment_intents/{intent}");
    let cancel = format!("{path}/cancel");
    let refused = double.refused(&cancel, "cancellation_reason=whim").await;
    assert_eq!(refused, error(400, "", "cancellation_reason"));
    let canceled = double.create(&cancel, "cancellation_reason=abandoned").await;
    assert_eq!(
        (&canceled["status"], &canceled["cancellation_reason"]),
        (&json!("canceled"), &json!("abandoned"))
    );
    assert_eq!(double.refused(&cancel, "").await, error(400, UNEXPECTED, ""));
    assert_eq!(
        double.refused(&format!("{path}/capture"), "").await,
        error(400, UNEXPECTED, "")
    );
    assert_eq!(double.events().await.last().unwrap(), "payment_intent.canceled");
}

#[tokio::test]
async fn intent_of_an_open_session_cannot_be_changed() {
    let double = Double::start().await;
    let session = double.session().await;
    double.fill_in(&session, CHALLENGED).await;
    let (_, charges) = double.get("/double/charges").await;
    let path = format!("/v1/payment_intents/{}", charges[0]["id"].as_str().unwrap());
    for change in ["cancel", "capture"] {
        assert_eq!(
            double.refused(&format!("{path}/{change}"), "").await,
            error(400, UNEXPECTED, "")
        );
    }
    let session = double.find(&format!("/v1/checkout/sessions/{session}")).await;
    assert_eq!(
        (&session["status"], &session["payment_intent"]),
        (&json!("open"), &json!(null))
    );
}
