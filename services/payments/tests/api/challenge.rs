//! The bank wants to hear from the shopper.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{GOOD, Till, change, kind, method, pointer, request, tills};

const CHALLENGED: &str = "4000 0025 0000 3155";
const BACK: &str = "http://shop.example/checkout/back";

/// A payment that waits for the shopper: the wish, the payment's address, and that of the bank's page.
pub async fn challenged(till: &Till) -> (Value, String, String) {
    let mut wish = request(Uuid::new_v4(), &method(till, CHALLENGED).await);
    wish["return_url"] = json!(BACK);
    let (status, payment) = till.post("/payments", "key-of-the-wish", &wish).await;
    assert_eq!(
        (status.as_u16(), &payment["status"]),
        (201, &json!("requires_action")),
        "{payment}"
    );
    let url = payment["action"]["url"].as_str().expect("an address");
    let page = url
        .strip_prefix("http://127.0.0.1:4107")
        .expect("the test bank is here")
        .to_owned();
    (wish, format!("/payments/{}", payment["id"].as_str().unwrap()), page)
}

/// Says so on the bank's page, and gives where that leads.
async fn answers(till: &Till, page: &str, answer: &str) -> (u16, String) {
    let response = till.outside.submit(page, &format!("answer={answer}")).await;
    let back = response
        .headers()
        .get("location")
        .map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), back.unwrap_or_default())
}

#[tokio::test]
async fn who_approves_pays() {
    for (till, _database) in tills().await {
        let (wish, payment, page) = challenged(&till).await;
        // It waits, whoever asks.
        assert_eq!(
            till.post("/payments", "key-of-the-wish", &wish).await.1["status"],
            "requires_action"
        );
        assert_eq!(change(&till, &payment, "capture").await.0, 409);
        let (status, html) = till.outside.page(&page).await;
        assert!(
            status == 200 && html.contains("€48.00") && html.contains("value=approve"),
            "{html}"
        );

        assert_eq!(answers(&till, &page, "approve").await, (303, BACK.to_owned()));
        let (_, found) = till.get(&payment).await;
        assert_eq!(
            (&found["status"], &found["action"]),
            (&json!("authorised"), &Value::Null)
        );
        let (status, answer) = till.post("/payments", "key-of-the-wish", &wish).await;
        assert_eq!((status.as_u16(), &answer["status"]), (201, &json!("authorised")));
        // The first answer counts.
        assert_eq!(answers(&till, &page, "refuse").await.0, 303);
        assert_eq!(change(&till, &payment, "capture").await.0, 200);
    }
}

#[tokio::test]
async fn who_refuses_does_not() {
    for (till, _database) in tills().await {
        let (wish, payment, page) = challenged(&till).await;
        assert_eq!(answers(&till, &page, "refuse").await, (303, BACK.to_owned()));
        assert_eq!(answers(&till, &page, "approve").await.0, 303);
        assert_eq!(till.get(&payment).await.1["status"], "declined");
        let (status, problem) = till.post("/payments", "key-of-the-wish", &wish).await;
        assert_eq!((status.as_u16(), kind(&problem)), (402, "urn:problem:card-declined"));
        // Nothing is held back, so there is nothing to let go; and the order is open to another card.
        assert_eq!(change(&till, &payment, "void").await.0, 200);
        let order = wish["order"].as_str().unwrap().parse().unwrap();
        let other = request(order, &method(&till, GOOD).await);
        assert_eq!(till.post("/payments", "another", &other).await.0, 201);
    }
}

#[tokio::test]
async fn what_was_given_up_cannot_be_approved() {
    for (till, _database) in tills().await {
        let (wish, payment, page) = challenged(&till).await;
        assert_eq!(change(&till, &payment, "void").await.1["status"], "voided");
        assert_eq!(answers(&till, &page, "approve").await.0, 303);
        assert_eq!(till.get(&payment).await.1["status"], "voided");
        let (status, problem) = till.post("/payments", "key-of-the-wish", &wish).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:wrong-state"));
    }
}

#[tokio::test]
async fn what_has_expired_cannot_be_approved_and_what_is_approved_does_not_expire() {
    for (till, _database) in tills().await {
        let (wish, payment, page) = challenged(&till).await;
        assert_eq!(
            change(&till, &payment, "expire").await,
            (200, till.get(&payment).await.1)
        );
        assert_eq!(answers(&till, &page, "approve").await.0, 303);
        assert_eq!(till.get(&payment).await.1["status"], "expired");
        let (status, problem) = till.post("/payments", "key-of-the-wish", &wish).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:wrong-state"));
        // Nothing is held back, so there is nothing to let go.
        assert_eq!(change(&till, &payment, "void").await.1["status"], "expired");

        let approved = request(Uuid::new_v4(), &method(&till, CHALLENGED).await);
        let (_, other) = till.post("/payments", "another-wish", &approved).await;
        let page = other["action"]["url"]
            .as_str()
            .unwrap()
            .replace("http://127.0.0.1:4107", "");
        till.outside.submit(&page, "answer=approve").await;
        let other = format!("/payments/{}", other["id"].as_str().unwrap());
        assert_eq!(change(&till, &other, "expire").await.1["status"], "authorised");
        assert_eq!(change(&till, &other, "capture").await.0, 200);
    }
}

#[tokio::test]
async fn the_banks_page_bears_strange_visitors() {
    for (till, _database) in tills().await {
        let (_, payment, page) = challenged(&till).await;
        for strange in ["", "maybe", "approve&answer=refuse"] {
            let response = till.outside.submit(&page, &format!("answer={strange}")).await;
            assert_eq!(response.status(), 422, "{strange}");
        }
        assert_eq!(till.outside.page("/test-bank/nothing").await.0, 404);
        assert_eq!(
            till.outside.submit("/test-bank/%00", "answer=approve").await.status(),
            404
        );
        assert_eq!(till.get(&payment).await.1["status"], "requires_action");

        let mut wish = request(Uuid::new_v4(), &method(&till, CHALLENGED).await);
        for url in [
            json!("javascript:alert(1)"),
            json!("/checkout"),
            json!(1),
            json!("http://a\n"),
        ] {
            wish["return_url"] = url;
            let (status, problem) = till.post("/payments", "key", &wish).await;
            assert_eq!((status.as_u16(), pointer(&problem)), (422, "#/return_url"));
        }
    }
}
