//! The bank requires the shopper's approval on its page.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{GOOD, TestApp, apps, change, create_method, kind, payment_request, pointer};

const CHALLENGED: &str = "4000 0025 0000 3155";
const RETURN_URL: &str = "http://shop.example/checkout/back";

/// A payment with status `requires_action`: the request, the payment's path, and the path of the bank's page.
pub async fn challenged(app: &TestApp) -> (Value, String, String) {
    let mut body = payment_request(Uuid::new_v4(), &create_method(app, CHALLENGED).await);
    body["return_url"] = json!(RETURN_URL);
    let (status, payment) = app.post("/payments", "key-of-the-body", &body).await;
    assert_eq!(
        (status.as_u16(), &payment["status"]),
        (201, &json!("requires_action")),
        "{payment}"
    );
    let url = payment["redirect_url"].as_str().expect("an address");
    let page = url
        .strip_prefix("http://127.0.0.1:4107")
        .expect("the page of the test bank")
        .to_owned();
    (body, format!("/payments/{}", payment["id"].as_str().unwrap()), page)
}

/// Sends an answer on the bank's page, and returns the status and the redirect.
async fn answers(app: &TestApp, page: &str, answer: &str) -> (u16, String) {
    let response = app.public.submit(page, &format!("answer={answer}")).await;
    let back = response
        .headers()
        .get("location")
        .map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), back.unwrap_or_default())
}

#[tokio::test]
async fn approved_payment_is_authorised() {
    for (app, _database) in apps().await {
        let (body, payment, page) = challenged(&app).await;
        // The same request returns it unchanged.
        assert_eq!(
            app.post("/payments", "key-of-the-body", &body).await.1["status"],
            "requires_action"
        );
        assert_eq!(change(&app, &payment, "capture").await.0, 409);
        let (status, html) = app.public.page(&page).await;
        assert!(
            status == 200 && html.contains("€48.00") && html.contains("value=approve"),
            "{html}"
        );

        assert_eq!(answers(&app, &page, "approve").await, (303, RETURN_URL.to_owned()));
        let (_, found) = app.get(&payment).await;
        assert_eq!(
            (&found["status"], &found["redirect_url"]),
            (&json!("authorised"), &Value::Null)
        );
        let (status, answer) = app.post("/payments", "key-of-the-body", &body).await;
        assert_eq!((status.as_u16(), &answer["status"]), (201, &json!("authorised")));
        // The first answer counts.
        assert_eq!(answers(&app, &page, "refuse").await.0, 303);
        assert_eq!(change(&app, &payment, "capture").await.0, 200);
    }
}

#[tokio::test]
async fn refused_payment_is_declined() {
    for (app, _database) in apps().await {
        let (body, payment, page) = challenged(&app).await;
        assert_eq!(answers(&app, &page, "refuse").await, (303, RETURN_URL.to_owned()));
        assert_eq!(answers(&app, &page, "approve").await.0, 303);
        assert_eq!(app.get(&payment).await.1["status"], "declined");
        let (status, problem) = app.post("/payments", "key-of-the-body", &body).await;
        assert_eq!((status.as_u16(), kind(&problem)), (402, "urn:problem:card-declined"));
        // A declined payment can be voided, and the order can be paid with another card.
        assert_eq!(change(&app, &payment, "void").await.0, 200);
        let order = body["order"].as_str().unwrap().parse().unwrap();
        let other = payment_request(order, &create_method(&app, GOOD).await);
        assert_eq!(app.post("/payments", "another", &other).await.0, 201);
    }
}

#[tokio::test]
async fn voided_payment_cannot_be_approved() {
    for (app, _database) in apps().await {
        let (body, payment, page) = challenged(&app).await;
        assert_eq!(change(&app, &payment, "void").await.1["status"], "voided");
        assert_eq!(answers(&app, &page, "approve").await.0, 303);
        assert_eq!(app.get(&payment).await.1["status"], "voided");
        let (status, problem) = app.post("/payments", "key-of-the-body", &body).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:wrong-state"));
    }
}

#[tokio::test]
async fn expired_payment_cannot_be_approved_and_approved_payment_does_not_expire() {
    for (app, _database) in apps().await {
        let (body, payment, page) = challenged(&app).await;
        assert_eq!(change(&app, &payment, "expire").await, (200, app.get(&payment).await.1));
        assert_eq!(answers(&app, &page, "approve").await.0, 303);
        assert_eq!(app.get(&payment).await.1["status"], "expired");
        let (status, problem) = app.post("/payments", "key-of-the-body", &body).await;
        assert_eq!((status.as_u16(), kind(&problem)), (409, "urn:problem:wrong-state"));
        // An expired payment can be voided, and stays expired.
        assert_eq!(change(&app, &payment, "void").await.1["status"], "expired");

        let approved = payment_request(Uuid::new_v4(), &create_method(&app, CHALLENGED).await);
        let (_, other) = app.post("/payments", "another-body", &approved).await;
        let page = other["redirect_url"]
            .as_str()
            .unwrap()
            .replace("http://127.0.0.1:4107", "");
        app.public.submit(&page, "answer=approve").await;
        let other = format!("/payments/{}", other["id"].as_str().unwrap());
        assert_eq!(change(&app, &other, "expire").await.1["status"], "authorised");
        assert_eq!(change(&app, &other, "capture").await.0, 200);
    }
}

#[tokio::test]
async fn bank_page_rejects_invalid_answers_and_return_urls() {
    for (app, _database) in apps().await {
        let (_, payment, page) = challenged(&app).await;
        for invalid in ["", "maybe", "approve&answer=refuse"] {
            let response = app.public.submit(&page, &format!("answer={invalid}")).await;
            assert_eq!(response.status(), 422, "{invalid}");
        }
        assert_eq!(app.public.page("/test-bank/nothing").await.0, 404);
        assert_eq!(
            app.public.submit("/test-bank/%00", "answer=approve").await.status(),
            404
        );
        assert_eq!(app.get(&payment).await.1["status"], "requires_action");

        let mut body = payment_request(Uuid::new_v4(), &create_method(&app, CHALLENGED).await);
        for url in [
            json!("javascript:alert(1)"),
            json!("/checkout"),
            json!(1),
            json!("http://a\n"),
        ] {
            body["return_url"] = url;
            let (status, problem) = app.post("/payments", "key", &body).await;
            assert_eq!((status.as_u16(), pointer(&problem)), (422, "#/return_url"));
        }
    }
}
