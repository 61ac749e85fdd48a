use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{DECLINED, EMPTY, GOOD, authorise, change, kind, method, pointer, request, tills};

#[tokio::test]
async fn what_is_authorised_can_be_captured() {
    for (till, _database) in tills().await {
        let payment = authorise(&till).await;
        assert_eq!(till.get(&payment).await.1["captured"]["minor"], 0);
        let (status, captured) = change(&till, &payment, "capture").await;
        assert_eq!((status, &captured["status"]), (200, &json!("captured")));
        assert_eq!(captured["captured"], json!({ "minor": 4800, "currency": "EUR" }));
        assert_eq!(till.get(&payment).await.1, captured);
        // Again: nothing more.
        assert_eq!(change(&till, &payment, "capture").await, (200, captured));

        let (status, problem) = change(&till, &payment, "void").await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        assert_eq!(till.get(&payment).await.1["status"], "captured");
    }
}

#[tokio::test]
async fn what_is_authorised_can_be_voided() {
    for (till, _database) in tills().await {
        let payment = authorise(&till).await;
        for _ in 0..2 {
            let (status, voided) = change(&till, &payment, "void").await;
            assert_eq!((status, &voided["status"]), (200, &json!("voided")));
        }
        let (status, problem) = change(&till, &payment, "capture").await;
        assert_eq!((status, kind(&problem)), (409, "urn:problem:wrong-state"));
        assert_eq!(till.get(&payment).await.1["captured"]["minor"], 0);
    }
}

#[tokio::test]
async fn a_declined_card_leaves_the_order_open() {
    for (till, _database) in tills().await {
        let order = Uuid::new_v4();
        for (number, detail) in [
            (DECLINED, "The bank declined this card."),
            (EMPTY, "There is not enough money on this card."),
        ] {
            let wish = request(order, &method(&till, number).await);
            let declined = till.post("/payments", number, &wish).await;
            assert_eq!(
                (declined.0.as_u16(), kind(&declined.1)),
                (402, "urn:problem:card-declined")
            );
            assert_eq!(
                (&declined.1["title"], &declined.1["detail"]),
                (&json!("Card declined"), &json!(detail))
            );
            // The same request has the same answer.
            assert_eq!(till.post("/payments", number, &wish).await, declined);
        }
        let wish = request(order, &method(&till, GOOD).await);
        assert_eq!(till.post("/payments", "good", &wish).await.0, 201);
    }
}

#[tokio::test]
async fn an_order_is_paid_once() {
    for (till, _database) in tills().await {
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        let first = till.post("/payments", "first", &wish).await;
        assert_eq!(first.0, 201);
        let payment = format!("/payments/{}", first.1["id"].as_str().unwrap());
        for state in ["authorised", "captured"] {
            assert_eq!(till.get(&payment).await.1["status"], state);
            let (status, problem) = till.post("/payments", "second", &wish).await;
            assert_eq!(
                (status.as_u16(), kind(&problem)),
                (409, "urn:problem:order-has-payment")
            );
            // The same request has the same answer, whatever came later.
            assert_eq!(till.post("/payments", "first", &wish).await, first);
            change(&till, &payment, "capture").await;
        }
    }
}

#[tokio::test]
async fn a_voided_payment_leaves_the_order_open() {
    for (till, _database) in tills().await {
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        let (_, first) = till.post("/payments", "first", &wish).await;
        change(&till, &format!("/payments/{}", first["id"].as_str().unwrap()), "void").await;
        assert_eq!(till.post("/payments", "second", &wish).await.0, 201);
    }
}

#[tokio::test]
async fn a_key_names_one_request() {
    for (till, _database) in tills().await {
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        assert_eq!(till.post("/payments", "key", &wish).await.0, 201);
        for (field, value) in [
            ("order", json!(Uuid::new_v4())),
            ("amount", json!({ "minor": 4801, "currency": "EUR" })),
            ("amount", json!({ "minor": 4800, "currency": "USD" })),
            ("payment_method", json!(method(&till, GOOD).await)),
        ] {
            let mut other = wish.clone();
            other[field] = value;
            let (status, problem) = till.post("/payments", "key", &other).await;
            assert_eq!(
                (status.as_u16(), kind(&problem)),
                (422, "urn:problem:idempotency-key-reused"),
                "{other}"
            );
        }
    }
}

#[tokio::test]
async fn bad_fields_are_named() {
    for (till, _database) in tills().await {
        let id = method(&till, GOOD).await;
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
            let mut body = request(Uuid::new_v4(), &id);
            *body.pointer_mut(at).unwrap() = value;
            let (status, problem) = till.post("/payments", "key", &body).await;
            assert_eq!((status.as_u16(), pointer(&problem)), (422, wrong), "{body}");
        }
    }
}

#[tokio::test]
async fn broken_requests_are_refused() {
    for (till, _database) in tills().await {
        let wish = request(Uuid::new_v4(), &method(&till, GOOD).await);
        let without_key = till.request(Method::POST, "/payments").json(&wish);
        assert_eq!(without_key.send().await.unwrap().status(), 400);
        for nothing in ["/payments/1", "/payments/01890a5d-ac96-774b-bcce-b302099a8057"] {
            assert_eq!(till.get(nothing).await.0, 404);
            assert_eq!(change(&till, nothing, "capture").await.0, 404);
            assert_eq!(change(&till, nothing, "void").await.0, 404);
        }
    }
}
