use serde_json::{Value, json};
use testkit::Running;
use uuid::Uuid;

use crate::{authorise, capture, change, kind, pointer, refund, tills};

/// The address of a payment of 48 € of which 40 € are captured.
async fn captured(till: &Running) -> String {
    let payment = authorise(till).await;
    assert_eq!(capture(till, &payment, 4000).await.0, 200);
    payment
}

#[tokio::test]
async fn a_part_is_captured_and_the_rest_is_let_go() {
    for (till, _database) in tills().await {
        let payment = authorise(&till).await;
        for (body, wrong) in [
            (json!({ "amount": { "minor": 4801, "currency": "EUR" } }), "#/amount"),
            (json!({ "amount": { "minor": 0, "currency": "EUR" } }), "#/amount"),
            (
                json!({ "amount": { "minor": 100, "currency": "USD" } }),
                "#/amount/currency",
            ),
            (json!({ "amount": "all" }), "#/amount"),
        ] {
            let (status, problem) = till.post(&format!("{payment}/capture"), "unused", &body).await;
            assert_eq!((status.as_u16(), pointer(&problem)), (422, wrong), "{body}");
        }
        let (status, part) = capture(&till, &payment, 4000).await;
        assert_eq!((status, &part["status"]), (200, &json!("captured")));
        assert_eq!(part["captured"]["minor"], 4000);
        // The same again changes nothing; more than that was let go.
        assert_eq!(capture(&till, &payment, 4000).await, (200, part));
        for (status, problem) in [
            capture(&till, &payment, 4800).await,
            change(&till, &payment, "void").await,
        ] {
            assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        }
    }
}

#[tokio::test]
async fn money_is_given_back_in_parts_and_never_more_than_was_taken() {
    for (till, _database) in tills().await {
        let payment = captured(&till).await;
        let (status, first) = refund(&till, &payment, "first", 1500).await;
        assert_eq!(
            (status, &first["status"], &first["amount"]["minor"]),
            (201, &json!("done"), &json!(1500))
        );
        let (status, problem) = refund(&till, &payment, "second", 2501).await;
        assert_eq!((status, pointer(&problem)), (422, "#/amount"));
        // Nothing said: all that is left.
        let (status, rest) = till.post(&format!("{payment}/refunds"), "rest", &Value::Null).await;
        assert_eq!((status.as_u16(), &rest["amount"]["minor"]), (201, &json!(2500)));

        let (_, whole) = till.get(&payment).await;
        assert_eq!(
            (&whole["status"], &whole["refunded"]["minor"]),
            (&json!("refunded"), &json!(4000))
        );
        assert_eq!(whole["refunds"], json!([first, rest]));
        let (status, problem) = refund(&till, &payment, "third", 1).await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        // The same requests have the same answers.
        assert_eq!(refund(&till, &payment, "first", 1500).await, (201, first));
        assert_eq!(
            till.post(&format!("{payment}/refunds"), "rest", &Value::Null).await.1,
            rest
        );
        assert_eq!(capture(&till, &payment, 4000).await.0, 200);
    }
}

#[tokio::test]
async fn a_key_names_one_refund_of_a_payment() {
    for (till, _database) in tills().await {
        let payment = captured(&till).await;
        assert_eq!(refund(&till, &payment, "key", 1500).await.0, 201);
        let all = till.post(&format!("{payment}/refunds"), "key", &json!({})).await;
        for (status, problem) in [refund(&till, &payment, "key", 1501).await, (all.0.as_u16(), all.1)] {
            assert_eq!((status, kind(&problem)), (422, "urn:problem:idempotency-key-reused"));
        }
        let other = captured(&till).await;
        assert_eq!(refund(&till, &other, "key", 1501).await.0, 201);
    }
}

#[tokio::test]
async fn only_what_was_captured_is_given_back() {
    for (till, _database) in tills().await {
        let payment = authorise(&till).await;
        for state in ["authorised", "voided"] {
            assert_eq!(till.get(&payment).await.1["status"], state);
            let (status, problem) = refund(&till, &payment, state, 1).await;
            assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
            change(&till, &payment, "void").await;
        }
        let nothing = format!("/payments/{}", Uuid::new_v4());
        assert_eq!(refund(&till, &nothing, "key", 1).await.0, 404);
        let without_key = till.request(reqwest::Method::POST, &format!("{payment}/refunds"));
        assert_eq!(without_key.send().await.unwrap().status(), 400);
    }
}
