use serde_json::{Value, json};
use testkit::Running;
use uuid::Uuid;

use crate::{apps, authorise, capture, change, kind, pointer, refund};

/// Creates a payment of 48 € of which 40 € are captured, and returns its path.
async fn captured(app: &Running) -> String {
    let payment = authorise(app).await;
    assert_eq!(capture(app, &payment, 4000).await.0, 200);
    payment
}

#[tokio::test]
async fn partial_capture_releases_the_rest() {
    for (app, _database) in apps().await {
        let payment = authorise(&app).await;
        for (body, wrong) in [
            (json!({ "amount": { "minor": 4801, "currency": "EUR" } }), "#/amount"),
            (json!({ "amount": { "minor": 0, "currency": "EUR" } }), "#/amount"),
            (
                json!({ "amount": { "minor": 100, "currency": "USD" } }),
                "#/amount/currency",
            ),
            (json!({ "amount": "all" }), "#/amount"),
        ] {
            let (status, problem) = app.post(&format!("{payment}/capture"), "unused", &body).await;
            assert_eq!((status.as_u16(), pointer(&problem)), (422, wrong), "{body}");
        }
        let (status, part) = capture(&app, &payment, 4000).await;
        assert_eq!((status, &part["status"]), (200, &json!("captured")));
        assert_eq!(part["captured"]["minor"], 4000);
        // The same amount again changes nothing; the rest can no longer be captured.
        assert_eq!(capture(&app, &payment, 4000).await, (200, part));
        for (status, problem) in [
            capture(&app, &payment, 4800).await,
            change(&app, &payment, "void").await,
        ] {
            assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        }
    }
}

#[tokio::test]
async fn payment_is_refunded_in_parts_up_to_the_captured_amount() {
    for (app, _database) in apps().await {
        let payment = captured(&app).await;
        let (status, first) = refund(&app, &payment, "first", 1500).await;
        assert_eq!(
            (status, &first["status"], &first["amount"]["minor"]),
            (201, &json!("done"), &json!(1500))
        );
        let (status, problem) = refund(&app, &payment, "second", 2501).await;
        assert_eq!((status, pointer(&problem)), (422, "#/amount"));
        // Without an amount, all that remains is refunded.
        let (status, rest) = app.post(&format!("{payment}/refunds"), "rest", &Value::Null).await;
        assert_eq!((status.as_u16(), &rest["amount"]["minor"]), (201, &json!(2500)));

        let (_, whole) = app.get(&payment).await;
        assert_eq!(
            (&whole["status"], &whole["refunded"]["minor"]),
            (&json!("refunded"), &json!(4000))
        );
        assert_eq!(whole["refunds"], json!([first, rest]));
        let (status, problem) = refund(&app, &payment, "third", 1).await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        // The same requests have the same answers.
        assert_eq!(refund(&app, &payment, "first", 1500).await, (201, first));
        assert_eq!(
            app.post(&format!("{payment}/refunds"), "rest", &Value::Null).await.1,
            rest
        );
        assert_eq!(capture(&app, &payment, 4000).await.0, 200);
    }
}

#[tokio::test]
async fn idempotency_key_cannot_be_reused_for_another_refund() {
    for (app, _database) in apps().await {
        let payment = captured(&app).await;
        assert_eq!(refund(&app, &payment, "key", 1500).await.0, 201);
        let all = app.post(&format!("{payment}/refunds"), "key", &json!({})).await;
        for (status, problem) in [refund(&app, &payment, "key", 1501).await, (all.0.as_u16(), all.1)] {
            assert_eq!((status, kind(&problem)), (422, "urn:problem:idempotency-key-reused"));
        }
        let other = captured(&app).await;
        assert_eq!(refund(&app, &other, "key", 1501).await.0, 201);
    }
}

#[tokio::test]
async fn payment_that_is_not_captured_cannot_be_refunded() {
    for (app, _database) in apps().await {
        let payment = authorise(&app).await;
        for state in ["authorised", "voided"] {
            assert_eq!(app.get(&payment).await.1["status"], state);
            let (status, problem) = refund(&app, &payment, state, 1).await;
            assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
            change(&app, &payment, "void").await;
        }
        let nothing = format!("/payments/{}", Uuid::new_v4());
        assert_eq!(refund(&app, &nothing, "key", 1).await.0, 404);
        let without_key = app.request(reqwest::Method::POST, &format!("{payment}/refunds"));
        assert_eq!(without_key.send().await.unwrap().status(), 400);
    }
}
