use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{DECLINED, EMPTY, GOOD, apps, authorise, change, create_method, kind, payment_request, pointer};

#[tokio::test]
async fn authorised_payment_can_be_captured_once() {
    for (app, _database) in apps().await {
        let payment = authorise(&app).await;
        assert_eq!(app.get(&payment).await.1["captured"]["minor"], 0);
        let (status, captured) = change(&app, &payment, "capture").await;
        assert_eq!((status, &captured["status"]), (200, &json!("captured")));
        assert_eq!(captured["captured"], json!({ "minor": 4800, "currency": "EUR" }));
        assert_eq!(app.get(&payment).await.1, captured);
        // Capturing again changes nothing.
        assert_eq!(change(&app, &payment, "capture").await, (200, captured));

        let (status, problem) = change(&app, &payment, "void").await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        assert_eq!(app.get(&payment).await.1["status"], "captured");
    }
}

#[tokio::test]
async fn authorised_payment_can_be_voided() {
    for (app, _database) in apps().await {
        let payment = authorise(&app).await;
        for _ in 0..2 {
            let (status, voided) = change(&app, &payment, "void").await;
            assert_eq!((status, &voided["status"]), (200, &json!("voided")));
        }
        let (status, problem) = change(&app, &payment, "capture").await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        assert_eq!(app.get(&payment).await.1["captured"]["minor"], 0);
    }
}

#[tokio::test]
async fn order_with_a_declined_payment_can_be_paid_again() {
    for (app, _database) in apps().await {
        let order = Uuid::new_v4();
        for (number, detail) in [
            (DECLINED, "The bank declined this card."),
            (EMPTY, "There is not enough money on this card."),
        ] {
            let body = payment_request(order, &create_method(&app, number).await);
            let declined = app.post("/payments", number, &body).await;
            assert_eq!(
                (declined.0.as_u16(), kind(&declined.1)),
                (402, "urn:problem:card-declined")
            );
            assert_eq!(
                (&declined.1["title"], &declined.1["detail"]),
                (&json!("Card declined"), &json!(detail))
            );
            // The same request has the same answer.
            assert_eq!(app.post("/payments", number, &body).await, declined);
        }
        let body = payment_request(order, &create_method(&app, GOOD).await);
        assert_eq!(app.post("/payments", "good", &body).await.0, 201);
    }
}

#[tokio::test]
async fn order_has_one_active_payment() {
    for (app, _database) in apps().await {
        let body = payment_request(Uuid::new_v4(), &create_method(&app, GOOD).await);
        let first = app.post("/payments", "first", &body).await;
        assert_eq!(first.0, 201);
        let payment = format!("/payments/{}", first.1["id"].as_str().unwrap());
        for state in ["authorised", "captured"] {
            assert_eq!(app.get(&payment).await.1["status"], state);
            let (status, problem) = app.post("/payments", "second", &body).await;
            assert_eq!(
                (status.as_u16(), kind(&problem)),
                (409, "urn:problem:order-has-payment")
            );
            // The same request has the same answer, whatever happened later.
            assert_eq!(app.post("/payments", "first", &body).await, first);
            change(&app, &payment, "capture").await;
        }
    }
}

#[tokio::test]
async fn order_with_a_voided_payment_can_be_paid_again() {
    for (app, _database) in apps().await {
        let body = payment_request(Uuid::new_v4(), &create_method(&app, GOOD).await);
        let (_, first) = app.post("/payments", "first", &body).await;
        change(&app, &format!("/payments/{}", first["id"].as_str().unwrap()), "void").await;
        assert_eq!(app.post("/payments", "second", &body).await.0, 201);
    }
}

#[tokio::test]
async fn idempotency_key_cannot_be_reused_for_another_payment() {
    for (app, _database) in apps().await {
        let body = payment_request(Uuid::new_v4(), &create_method(&app, GOOD).await);
        assert_eq!(app.post("/payments", "key", &body).await.0, 201);
        for (field, value) in [
            ("order", json!(Uuid::new_v4())),
            ("amount", json!({ "minor": 4801, "currency": "EUR" })),
            ("amount", json!({ "minor": 4800, "currency": "USD" })),
            ("payment_method", json!(create_method(&app, GOOD).await)),
        ] {
            let mut other = body.clone();
            other[field] = value;
            let (status, problem) = app.post("/payments", "key", &other).await;
            assert_eq!(
                (status.as_u16(), kind(&problem)),
                (422, "urn:problem:idempotency-key-reused"),
                "{other}"
            );
        }
    }
}

#[tokio::test]
async fn invalid_payment_fields_are_named() {
    for (app, _database) in apps().await {
        let id = create_method(&app, GOOD).await;
        let broken = [
            ("/order", json!("1"), "#/order"),
            ("/amount/minor", json!(0), "#/amount"),
            ("/amount/minor", json!(-1), "#/amount"),
            ("/amount/minor", json!(i64::MAX), "#/amount"),
            ("/amount/minor", json!(48.5), "#/amount/minor"),
            ("/amount/currency", json!("EURO"), "#/amount/currency"),
            ("/amount", Value::Null, "#/amount"),
            ("/payment_method", json!("pm_1"), "#/payment_method"),
            ("/payment_method", json!("pm_\u{0}"), "#/payment_method"),
            (
                "/payment_method",
                json!(format!("pm_{}", "0".repeat(32))),
                "#/payment_method",
            ),
        ];
        for (at, value, wrong) in broken {
            let mut body = payment_request(Uuid::new_v4(), &id);
            *body.pointer_mut(at).unwrap() = value;
            let (status, problem) = app.post("/payments", "key", &body).await;
            assert_eq!((status.as_u16(), pointer(&problem)), (422, wrong), "{body}");
        }
    }
}

#[tokio::test]
async fn payment_without_a_key_is_rejected_and_unknown_payment_is_not_found() {
    for (app, _database) in apps().await {
        let body = payment_request(Uuid::new_v4(), &create_method(&app, GOOD).await);
        let without_key = app.request(Method::POST, "/payments").json(&body);
        assert_eq!(without_key.send().await.unwrap().status(), 400);
        for nothing in ["/payments/1", "/payments/01890a5d-ac96-774b-bcce-b302099a8057"] {
            assert_eq!(app.get(nothing).await.0, 404);
            assert_eq!(change(&app, nothing, "capture").await.0, 404);
            assert_eq!(change(&app, nothing, "void").await.0, 404);
        }
    }
}
