//! Refunds.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Double, error, id};

async fn create_refund(double: &Double, intent: &str, amount: i64) -> Value {
    let form = format!("payment_intent={intent}&amount={amount}&metadata[reference]={amount}");
    double.create("/v1/refunds", &form).await
}

async fn refunded(double: &Double) -> Value {
    double.get("/double/charges").await.1[0]["amount_refunded"].clone()
}

#[tokio::test]
async fn refunds_never_exceed_the_captured_amount() {
    let double = Double::start().await;
    let intent = double.captured().await;
    let created = create_refund(&double, &intent, 2000).await;
    assert_eq!(
        (&created["status"], &created["amount"]),
        (&json!("succeeded"), &json!(2000))
    );
    assert_eq!(created["metadata"], json!({ "reference": "2000" }));
    let refund = |form: &str| format!("payment_intent={intent}{form}");
    assert_eq!(
        double.refused("/v1/refunds", &refund("&amount=3291")).await,
        error(400, "", "amount")
    );
    assert_eq!(
        double.refused("/v1/refunds", &refund("&amount=0")).await,
        error(400, "parameter_invalid_integer", "amount")
    );
    assert_eq!(
        double.refused("/v1/refunds", &refund("&reason=whim")).await,
        error(400, "", "reason")
    );
    assert_eq!(double.create("/v1/refunds", &refund("")).await["amount"], 3290);
    assert_eq!(
        double.refused("/v1/refunds", &refund("")).await,
        error(400, "charge_already_refunded", "")
    );
    assert_eq!(refunded(&double).await, 5290);
    let events = double.events().await;
    assert_eq!(events[events.len() - 2..], ["refund.created", "charge.refunded"]);
    assert_eq!(double.find(&format!("/v1/refunds/{}", id(&created))).await, created);
}

#[tokio::test]
async fn intent_that_is_not_captured_cannot_be_refunded() {
    let double = Double::start().await;
    let held = double.paid().await;
    let refused = double.refused("/v1/refunds", &format!("payment_intent={held}")).await;
    assert_eq!(refused, error(400, "", "payment_intent"));
    let refused = double.refused("/v1/refunds", "payment_intent=pi_x").await;
    assert_eq!(refused, error(400, "resource_missing", "payment_intent"));
    let refused = double.refused("/v1/refunds", "amount=1").await;
    assert_eq!(refused, error(400, "parameter_missing", "payment_intent"));
}

#[tokio::test]
async fn refunds_are_listed_page_by_page() {
    let double = Double::start().await;
    let (first, other) = (double.captured().await, double.captured().await);
    for amount in 1..=5 {
        create_refund(&double, &first, amount).await;
    }
    create_refund(&double, &other, 6).await;
    let amounts = |page: &Value| -> Vec<i64> {
        let data = page["data"].as_array().unwrap().iter();
        data.map(|refund| refund["amount"].as_i64().unwrap()).collect()
    };
    assert_eq!(amounts(&double.find("/v1/refunds").await), [6, 5, 4, 3, 2, 1]);
    let list = format!("/v1/refunds?payment_intent={first}&limit=2");
    let page = double.find(&list).await;
    assert_eq!((amounts(&page), &page["has_more"]), (vec![5, 4], &json!(true)));
    let after = page["data"][1]["id"].as_str().unwrap();
    let page = double.find(&format!("{list}&starting_after={after}")).await;
    assert_eq!((amounts(&page), &page["has_more"]), (vec![3, 2], &json!(true)));
    let after = page["data"][1]["id"].as_str().unwrap();
    let page = double.find(&format!("{list}&starting_after={after}")).await;
    assert_eq!((amounts(&page), &page["has_more"]), (vec![1], &json!(false)));
    for bad in [
        "limit=0",
        "limit=101",
        "starting_after=re_x",
        "payment_intent=pi_x",
        "page=2",
    ] {
        let (status, _) = double.call(Method::GET, &format!("/v1/refunds?{bad}"), "").await;
        assert_eq!(status, 400, "{bad}");
    }
}

#[tokio::test]
async fn pending_refund_is_settled_by_the_control_api() {
    let double = Double::start().await;
    let intent = double.captured().await;
    double.set_behaviour(json!({ "refunds": "pending" })).await;
    for (amount, status, events) in [
        (1000, "succeeded", &["refund.updated"][..]),
        (2000, "failed", &["refund.updated", "refund.failed"]),
    ] {
        let refund = create_refund(&double, &intent, amount).await;
        assert_eq!(refund["status"], "pending");
        assert_eq!(refunded(&double).await, if amount == 1000 { 1000 } else { 3000 });
        let path = format!("/double/refunds/{}", id(&refund));
        let (code, settled) = double.post(&path, "unused", &json!({ "status": status })).await;
        assert_eq!((code.as_u16(), &settled["status"]), (200, &json!(status)));
        assert!(
            double
                .events()
                .await
                .ends_with(&events.iter().map(ToString::to_string).collect::<Vec<_>>())
        );
        let (code, _) = double.post(&path, "unused", &json!({ "status": "succeeded" })).await;
        assert_eq!(code, 409);
    }
    assert_eq!(refunded(&double).await, 1000);
}

#[tokio::test]
async fn refund_can_fail_after_it_has_succeeded() {
    let double = Double::start().await;
    let intent = double.captured().await;
    double.set_behaviour(json!({ "refunds": "failed_later" })).await;
    let refund = create_refund(&double, &intent, 1000).await;
    assert_eq!(refund["status"], "succeeded");
    let path = format!("/v1/refunds/{}", id(&refund));
    let failed = double.until(&path, |refund| refund["status"] == "failed").await;
    assert_eq!(failed["failure_reason"], "expired_or_canceled_card");
    assert_eq!(refunded(&double).await, 0);
}
