use reqwest::Method;
use serde_json::{Value, json};
use storage::Db;
use uuid::Uuid;

use crate::{apps, card, create_method, kind, payment_request, pointer};

#[tokio::test]
async fn card_number_and_security_code_are_not_stored() {
    for (app, database) in apps().await {
        let mut card = card("4242-4242-4242-4242");
        card["card"]["cvc"] = json!("9137");
        card["card"]["holder"] = json!("Ada Lovelace");
        let (status, method) = app.post("/payment-methods", "unused", &card).await;
        assert_eq!(status, 201);
        assert_eq!(
            (&method["card"]["brand"], &method["card"]["last4"]),
            (&json!("visa"), &json!("4242"))
        );

        let db = Db::open(database.url.clone()).await.unwrap();
        let sql = "select id, brand, last4, token from payment_methods";
        let kept: (String, String, String, String) = storage::fetch_one!(&db, sql).unwrap();
        let expected = (method["id"].as_str().unwrap(), "visa", "4242", "tok_test_good");
        assert_eq!((&*kept.0, &*kept.1, &*kept.2, &*kept.3), expected);
    }
}

#[tokio::test]
async fn card_fingerprint_is_equal_for_equal_cards_of_one_shop() {
    for (app, _database) in apps().await {
        let mut fingerprints = Vec::new();
        for number in ["4242424242424242", "4242 4242 4242 4242", "4000002500003155"] {
            let body = payment_request(Uuid::new_v4(), &create_method(&app, number).await);
            let (status, payment) = app.post("/payments", &Uuid::new_v4().to_string(), &body).await;
            assert_eq!(status, 201, "{payment}");
            fingerprints.push(payment["card_fingerprint"].as_str().expect("a fingerprint").to_owned());
        }
        assert_eq!(fingerprints[0], fingerprints[1]);
        assert_ne!(fingerprints[0], fingerprints[2]);
        // It differs between shops, so that the number cannot be guessed from it.
        let others = crate::apps().await.swap_remove(0);
        let body = payment_request(Uuid::new_v4(), &create_method(&others.0, "4242424242424242").await);
        let (_, payment) = others.0.post("/payments", "other", &body).await;
        assert_ne!(payment["card_fingerprint"], json!(fingerprints[0]));
    }
}

#[tokio::test]
async fn invalid_card_fields_are_named() {
    for (app, _database) in apps().await {
        let broken = [
            ("number", json!("4242424242424241"), "#/card/number"),
            ("number", json!("42"), "#/card/number"),
            ("number", json!("4242424242424242\u{0}"), "#/card/number"),
            ("number", json!(4_242_424_242_424_242_u64), "#/card/number"),
            ("number", json!("4".repeat(100_000)), "#/card/number"),
            ("number", Value::Null, "#/card/number"),
            ("expiry", json!("12/20"), "#/card/expiry"),
            ("expiry", json!("13/49"), "#/card/expiry"),
            ("expiry", json!("soon"), "#/card/expiry"),
            ("expiry", json!("\u{0}1/49"), "#/card/expiry"),
            ("cvc", json!("12"), "#/card/cvc"),
            ("cvc", json!("12345"), "#/card/cvc"),
            ("cvc", json!("12a"), "#/card/cvc"),
            ("cvc", json!(123), "#/card/cvc"),
            ("holder", json!(""), "#/card/holder"),
            ("holder", json!("Ada\u{0}"), "#/card/holder"),
            ("holder", json!("x".repeat(121)), "#/card/holder"),
        ];
        for (field, value, wrong) in broken {
            let mut body = card("4242424242424242");
            body["card"][field] = value;
            let (status, problem) = app.post("/payment-methods", "unused", &body).await;
            assert_eq!((status.as_u16(), pointer(&problem)), (422, wrong), "{body}");
            // The answer never repeats what was entered.
            assert!(!problem.to_string().contains("4242"), "{problem}");
        }
    }
}

#[tokio::test]
async fn malformed_payment_method_request_is_rejected() {
    for (app, _database) in apps().await {
        let post = |body: String| {
            app.request(Method::POST, "/payment-methods")
                .header("content-type", "application/json")
                .body(body)
                .send()
        };
        assert_eq!(post("{".into()).await.unwrap().status(), 400);
        assert_eq!(post("x".repeat(300 * 1024)).await.unwrap().status(), 413);
        let (status, problem) = app.post("/payment-methods", "unused", &json!({})).await;
        assert_eq!((status.as_u16(), kind(&problem)), (422, "urn:problem:invalid"));
        assert_eq!(app.get("/payment-methods").await.0, 405);
    }
}
